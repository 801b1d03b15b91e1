import { settingsOf } from "../config/inherit.ts";
import { textsOfProfiles } from "../config/profile_texts.ts";
import { sourceSettings } from "../credentials/source.ts";
import { VaultError } from "../errors.ts";
import { warnOnce } from "../talk.ts";
import type { Invocation } from "./context.ts";

/** Account, role and region of a profile. */
export interface ProfileFacts {
  readonly account: string | undefined;
  readonly role: string | undefined;
  readonly region: string | undefined;
  /** The profile whose credentials assume its role. */
  readonly source: string | undefined;
}

/** Account, role and region of a profile from its settings alone: AWS is not called. */
export function describeProfile(
  { config, sources }: Pick<Invocation, "config" | "sources">,
  profile: string,
): ProfileFacts {
  const settings = settingsOf(config(), profile, sourceSettings(sources));
  return factsOf(KEYS.map((key) => {
    const value = settings.get(key)?.value;
    return typeof value === "string" ? value : undefined;
  }));
}

/**
 * The same for the rows of a list, however many; a row without a profile has none. A profile with a
 * mistake is listed without them, and the first mistake is reported.
 */
export function describeRows(
  { config, sources, host }: Pick<Invocation, "config" | "sources" | "host">,
): (row: { readonly profile: string | undefined }) => ProfileFacts {
  const texts = textsOfProfiles(config(), KEYS, sourceSettings(sources));
  return ({ profile }) => {
    if (profile === undefined) return NOTHING;
    try {
      return factsOf(texts(profile));
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      const all = "aws-vault doctor lists all problems of the config file";
      warnOnce(host.talk, `${error.message}; ${all}`, "settings of list");
      return NOTHING;
    }
  };
}

const KEYS = [
  "role_arn",
  "sso_account_id",
  "aws_account_id",
  "mfa_serial",
  "sso_role_name",
  "region",
  "source_profile",
];

const NOTHING: ProfileFacts = {
  account: undefined,
  role: undefined,
  region: undefined,
  source: undefined,
};

/** Reads the texts of {@linkcode KEYS}, in their order. */
function factsOf(
  [roleArn, ssoAccount, account, mfaSerial, ssoRole, region, source]: readonly (
    | string
    | undefined
  )[],
): ProfileFacts {
  return {
    account: accountOf(roleArn) ?? ssoAccount ?? account ?? accountOf(mfaSerial),
    role: roleOf(roleArn) ?? ssoRole,
    region,
    source,
  };
}

/** The fifth part of an ARN, if that is a number: parsed by hand, since `list` does it for 10,000 profiles. */
function accountOf(arn: string | undefined): string | undefined {
  if (arn === undefined || !arn.startsWith("arn:")) return undefined;
  let at = 3;
  for (let part = 1; part < 4 && at >= 0; part++) at = arn.indexOf(":", at + 1);
  const end = at < 0 ? -1 : arn.indexOf(":", at + 1);
  const account = end < 0 ? "" : arn.slice(at + 1, end);
  return /^\d+$/.test(account) ? account : undefined;
}

const BEFORE_ROLE = ":role/";

function roleOf(arn: string | undefined): string | undefined {
  const at = arn === undefined ? -1 : arn.indexOf(BEFORE_ROLE);
  return at < 0 ? undefined : arn!.slice(at + BEFORE_ROLE.length);
}
