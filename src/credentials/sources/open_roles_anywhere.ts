import { readCaBundle } from "../../aws/ca_bundle.ts";
import { createSession } from "../../aws/roles_anywhere.ts";
import { resolveRolesAnywhereEndpoint } from "../../aws/roles_anywhere_endpoint.ts";
import type { Profile } from "../../config/profile.ts";
import type { Credentials } from "../../credentials.ts";
import { VaultError } from "../../errors.ts";
import { commandLine, quote } from "../../text.ts";
import { certificateFiles } from "../certificates/certificate_settings.ts";
import { identifyCertificate } from "../certificates/identify.ts";
import { type CertificateIdentity, parametersOf } from "../certificates/identity.ts";
import { isEnding } from "../expiry.ts";
import { certificateName } from "../key_names.ts";
import { type ObtainDeps, type OpenSource, SourceChanged } from "../source.ts";
import { sourceRoleSeconds } from "../plan_limits.ts";

/** The trust anchor, profile and region for a certificate. */
export interface Anchor {
  readonly trustAnchorArn: string;
  readonly profileArn: string;
  readonly region: string;
}

/**
 * Opens the certificate of a profile.
 *
 * Credentials are kept for exactly the files that were read, or for the stored certificate's
 * counter, which each change of it increments; neither needs the private key or a passphrase.
 */
export function openRolesAnywhere(
  deps: ObtainDeps,
  profile: Profile,
  anchor: Anchor,
): OpenSource {
  const { rolesAnywhereEndpointUrl, endpointUrl } = profile.endpoint;
  const which = () => identifyCertificate(deps, profile);
  let identified: string | undefined;
  let isChecked = false;
  return {
    fingerprint: async () => ({
      ...anchor,
      roleArn: profile.roleArn,
      roleSessionName: profile.roleSessionName,
      certificate: identified = await which(),
      endpoint: rolesAnywhereEndpointUrl ?? endpointUrl,
    }),
    async obtain() {
      const identity = await readIdentity(deps, profile);
      const { checkDates, noteEnding } = await import("../certificates/check_dates.ts");
      const { talk, clock } = deps.host;
      const { certificate } = identity;
      checkDates(profile.name, certificate, clock.now());
      if (!isChecked) noteEnding(talk, profile.name, certificate.notAfter, clock.now());
      isChecked = true;
      if (identified !== undefined && identified !== await which()) throw new SourceChanged();
      await keepEnd(deps, profile, identified, certificate.notAfter);
      return await exchange(deps, profile, anchor, identity);
    },
    async remind() {
      if (isChecked || identified === undefined) return;
      const end = (await deps.cache()).findEnd(certificateName(profile.name), identified);
      const now = deps.host.clock.now();
      if (end === undefined || !isEnding(end, now)) return;
      const { noteEnding } = await import("../certificates/check_dates.ts");
      noteEnding(deps.host.talk, profile.name, end, now);
    },
  };
}

/** Keeps the end for later notes: a certificate with a passphrase shows it only when opened. */
async function keepEnd(
  deps: ObtainDeps,
  profile: Profile,
  identified: string | undefined,
  end: Temporal.Instant,
): Promise<void> {
  if (identified === undefined) return;
  (await deps.cache()).noteEnd(certificateName(profile.name), identified, end);
}

async function readIdentity(deps: ObtainDeps, profile: Profile): Promise<CertificateIdentity> {
  const files = certificateFiles(profile, deps.host.platform);
  if (files !== undefined) {
    const { readCertificateFiles } = await import("../certificates/read_files.ts");
    const mayPrompt = deps.signIn?.mayPrompt === true;
    return await readCertificateFiles({ host: deps.host, mayPrompt }, files);
  }
  const { readCertificate } = await import("../certificates/stored_certificate.ts");
  const stored = await readCertificate(await deps.keyring(), profile.name);
  if (stored !== undefined) return stored;
  throw new VaultError(
    "no-credentials",
    `Cannot get credentials for profile ${quote(profile.name)}: no certificate is stored for it`,
    {
      hints: [
        `Store one: ${
          commandLine(
            ["add", "--certificate", "cert.pem", "--private-key", "key.pem"],
            profile.name,
          )
        }`,
        "Or name its files: rolesanywhere_certificate_file and rolesanywhere_private_key_file",
      ],
    },
  );
}

async function exchange(
  { host }: ObtainDeps,
  profile: Profile,
  anchor: Anchor,
  { certificate, chain, key }: CertificateIdentity,
): Promise<Credentials> {
  const { caBundle, endpoint, roleSessionName } = profile;
  const signer = {
    serial: certificate.serial,
    certificate: certificate.der,
    chain: chain.map(({ der }) => der),
    key: await crypto.subtle.importKey(
      "pkcs8",
      key.pkcs8,
      parametersOf(key.algorithm!),
      false,
      ["sign"],
    ),
  };
  const caller = {
    url: resolveRolesAnywhereEndpoint({
      region: anchor.region,
      endpointUrl: endpoint.rolesAnywhereEndpointUrl ?? endpoint.endpointUrl,
      useFips: endpoint.useFips,
      useDualstack: endpoint.useDualstack,
    }),
    region: anchor.region,
    caCertificates: caBundle && readCaBundle(host, caBundle) || undefined,
  };
  return await createSession({ ...host, skew: { offsetMs: 0 } }, caller, signer, {
    trustAnchorArn: anchor.trustAnchorArn,
    profileArn: anchor.profileArn,
    roleArn: profile.roleArn!,
    durationSeconds: sourceRoleSeconds(profile.roleDurationSeconds),
    roleSessionName,
  });
}
