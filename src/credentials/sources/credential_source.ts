import type { Profile } from "../../config/profile.ts";
import type { Credentials } from "../../credentials.ts";
import { VaultError } from "../../errors.ts";
import { hintsOfNear } from "../../near_names.ts";
import { quote } from "../../text.ts";
import type { CredentialSource, ObtainDeps } from "../source.ts";

const SETTING = "credential_source";

/** A place outside the config file from which a profile takes credentials. */
interface Place {
  /** A description of the place. */
  readonly what: string;
  obtain(deps: ObtainDeps, profile: Profile): Promise<Credentials>;
}

/** The places, by the setting's values, which are case-sensitive in SDKs. */
const PLACES: Readonly<Record<string, Place>> = {
  Environment: {
    what: "the credentials of the environment",
    obtain: fromEnvironment,
  },
  Ec2InstanceMetadata: {
    what: "the role of this machine, from the instance metadata service",
    obtain: fromInstance,
  },
  EcsContainer: {
    what: "the role of this container, from its credential endpoint",
    obtain: fromContainer,
  },
};

/**
 * Credentials of the environment, a machine or a container (SDK reference, "Assume role credential
 * provider": `credential_source`).
 *
 * aws-vault 7 ignores the setting; here, too, a stored key and a `source_profile` take precedence.
 */
export const CREDENTIAL_SOURCE: CredentialSource = {
  kind: SETTING,
  settings: [SETTING],
  canShowMfa: true,
  takesRole: false,
  matches: ({ sourceSettings }) => sourceSettings[SETTING] !== undefined,
  check(profile) {
    if (placeOf(profile) !== undefined) return;
    throw new VaultError(
      "bad-config",
      `Cannot get credentials for profile ${quote(profile.name)}: ` +
        `credential_source = ${profile.sourceSettings[SETTING]} is not one of ` +
        Object.keys(PLACES).join(", "),
      { hints: hintsOfNear(profile.sourceSettings[SETTING] ?? "", Object.keys(PLACES)) },
    );
  },
  asksNobody: () => true,
  describe: (profile) => `${placeOf(profile)?.what}, as profile ${quote(profile.name)} requests`,
  open(deps, profile) {
    // Whose credentials these are is known only after they are obtained, which does not need the
    // network beyond this machine: machines that share a home folder, and jobs that share a
    // machine, must not get each other's rows.
    let obtained: Promise<Credentials> | undefined;
    const obtain = () => obtained ??= placeOf(profile)!.obtain(deps, profile);
    return {
      fingerprint: async () => {
        const { accessKeyId, secretAccessKey, sessionToken } = await obtain();
        // Part of a hash, never stored: see `shared_credentials_file.ts`.
        const secrets = [secretAccessKey.reveal(), sessionToken?.reveal()];
        return { place: profile.sourceSettings[SETTING], accessKeyId, secrets };
      },
      obtain,
    };
  },
};

function placeOf({ sourceSettings }: Profile): Place | undefined {
  const name = sourceSettings[SETTING] ?? "";
  return Object.hasOwn(PLACES, name) ? PLACES[name] : undefined;
}

async function fromEnvironment({ host }: ObtainDeps, { name }: Profile): Promise<Credentials> {
  const { readEnvironmentCredentials } = await import("./environment_key.ts");
  const found = readEnvironmentCredentials(host);
  if (found !== undefined) return found;
  throw new VaultError(
    "no-credentials",
    `Cannot get credentials for profile ${quote(name)}: there are none in the environment`,
    { hints: ["Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"] },
  );
}

async function fromInstance({ host }: ObtainDeps, profile: Profile): Promise<Credentials> {
  // Always resolved for this value of the setting.
  const settings = profile.metadata!;
  if (settings.isDisabled) {
    throw new VaultError(
      "no-credentials",
      `Cannot get credentials for profile ${quote(profile.name)}: ` +
        "AWS_EC2_METADATA_DISABLED is true",
      { hints: ["exec sets it for its command; unset it inside"] },
    );
  }
  const { getInstanceCredentials } = await import("../../aws/instance_metadata.ts");
  return await getInstanceCredentials(host, settings);
}

async function fromContainer({ host }: ObtainDeps, { name }: Profile): Promise<Credentials> {
  const { readContainerEndpoint } = await import("./container_endpoint.ts");
  const endpoint = readContainerEndpoint(host, name);
  const { getContainerCredentials } = await import("../../aws/container_credentials.ts");
  return await getContainerCredentials(host, endpoint);
}
