/** `add --certificate`: a certificate and its private key for IAM Roles Anywhere, in the keystore. */

import type { ConfigFile } from "../config/profile.ts";
import { addProfile, requireAddable } from "../config/edit_file.ts";
import { settingsOf } from "../config/inherit.ts";
import { describeEnd } from "../credentials/expiry.ts";
import type { CertificateIdentity } from "../credentials/certificates/identity.ts";
import { readCertificateFiles } from "../credentials/certificates/read_files.ts";
import {
  readCertificate,
  writeCertificate,
} from "../credentials/certificates/stored_certificate.ts";
import { certificateName } from "../credentials/key_names.ts";
import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { quote } from "../text.ts";
import { confirm } from "./confirm.ts";
import type { GlobalFlags, Invocation } from "./context.ts";
import { withFileLock } from "./file_lock.ts";
import { withKeyLock } from "./key_lock.ts";

/** The flags of `add` for a certificate. */
interface CertificateFlags extends GlobalFlags {
  /** A file in PEM, DER or PKCS#12, optionally with the chain and the key. */
  readonly certificate?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly deleteSource?: boolean | undefined;
  readonly env?: boolean | undefined;
  readonly verify?: boolean | undefined;
  readonly mfaSerial?: string | undefined;
  readonly region?: string | undefined;
  readonly force?: boolean | undefined;
  readonly noAddConfig?: boolean | undefined;
}

/** The file of the certificate. Throws `bad-usage` for flags that are not for certificates, or only for keys. */
function certificateOf({ certificate, privateKey, ...others }: CertificateFlags): string {
  const { env, verify, mfaSerial, region } = others;
  const bad = (why: string) => new VaultError("bad-usage", `Cannot add: ${why}`);
  if (certificate === undefined) {
    throw bad(
      `${privateKey === undefined ? "--delete-source" : "--private-key"} needs --certificate`,
    );
  }
  const ofKeys = env
    ? "--env"
    : verify
    ? "--verify"
    : mfaSerial
    ? "--mfa-serial"
    : region
    ? "--region"
    : undefined;
  if (ofKeys === undefined) return certificate;
  throw bad(`${ofKeys} is for access keys, not for a certificate`);
}

/** Stores the certificate of files for a profile; writes nothing if they do not match. */
export async function addCertificate(
  invocation: Invocation,
  flags: CertificateFlags,
  profile: string,
): Promise<void> {
  const { host } = invocation;
  const certificate = certificateOf(flags);
  const config = invocation.config();
  const isConfigured = flags.noAddConfig === true || config.hasProfile(profile);
  if (!isConfigured) requireAddable(host, config, profile);
  const files = { certificate, privateKey: flags.privateKey, chain: undefined };
  const deps = { host, mayPrompt: invocation.mayPrompt };
  const identity = await readCertificateFiles(deps, files);
  requireCurrent(identity, certificate, host.clock.now());
  const keyring = await invocation.keyring();
  if (!flags.force && await keyring.has(certificateName(profile))) {
    await requireReplacement(invocation, profile);
  }
  await withKeyLock(invocation, [keyring], profile, async () => {
    await store(invocation, keyring, profile, identity);
  });
  const end = describeEnd(identity.certificate.notAfter, host.clock.now());
  host.talk.answer(
    `Stored the certificate of profile ${quote(profile)} (serial number ` +
      `${identity.certificate.serial}), which ${end}`,
  );
  if (keyring.warning !== undefined) host.talk.warn(keyring.warning);
  if (!isConfigured) {
    await withFileLock(invocation, { path: config.path, profile }, () => {
      addProfile(host, config, profile, []);
    });
  }
  hintAtSettings(invocation, config, profile);
  if (flags.deleteSource) deleteSource(invocation, flags.privateKey ?? certificate);
}

function requireCurrent(
  { certificate }: CertificateIdentity,
  path: string,
  now: Temporal.Instant,
): void {
  if (Temporal.Instant.compare(certificate.notAfter, now) > 0) return;
  throw new VaultError(
    "bad-config",
    `Cannot use the certificate ${quote(path)}: it ${describeEnd(certificate.notAfter, now)}`,
    { hints: ["Request a new one", "Check this machine's clock"] },
  );
}

async function requireReplacement(invocation: Invocation, profile: string): Promise<void> {
  const question = `A certificate is already stored for profile ${quote(profile)}. Replace it?`;
  const needed = {
    message: `Cannot replace the certificate of profile ${quote(profile)}: nobody can be asked`,
    hint: "Replace it without a question: --force",
  };
  if (await confirm(invocation, question, needed)) return;
  throw new VaultError("conflict", `The certificate of profile ${quote(profile)} was kept`);
}

/**
 * Stores the certificate and reads it back: the key file may be deleted next, and would be the only other copy.
 * From here on, sessions of the previous certificate are not used.
 */
async function store(
  invocation: Invocation,
  keyring: Keyring,
  profile: string,
  identity: CertificateIdentity,
): Promise<void> {
  const cache = await invocation.cache();
  const name = certificateName(profile);
  await cache.raiseGeneration(name, keyring);
  await writeCertificate(keyring, profile, identity);
  await cache.raiseGeneration(name, keyring);
  cache.dropProfile(profile);
  const stored = await readCertificate(keyring, profile);
  const isSame = stored?.key.pkcs8.toHex() === identity.key.pkcs8.toHex() &&
    stored.certificate.der.toHex() === identity.certificate.der.toHex();
  if (isSame) return;
  throw new VaultError(
    "keyring-failed",
    `Cannot store the certificate of profile ${quote(profile)}: ` +
      "the keystore does not return what was stored",
  );
}

const NEEDED = ["rolesanywhere_trust_anchor_arn", "rolesanywhere_profile_arn", "role_arn"];

function hintAtSettings({ host, sources }: Invocation, config: ConfigFile, profile: string): void {
  const own = sources.flatMap(({ settings }) => settings);
  const settings = config.hasProfile(profile) ? settingsOf(config, profile, own) : undefined;
  const missing = NEEDED.filter((name) => settings?.get(name) === undefined);
  if (missing.length > 0) {
    host.talk.hint(`Set in profile ${quote(profile)}: ${missing.join(", ")}`);
  }
  const file = settings?.get("rolesanywhere_certificate_file");
  if (file !== undefined) {
    host.talk.hint(
      `Remove rolesanywhere_certificate_file from profile ${quote(profile)}, ` +
        "which takes precedence over the stored one",
    );
  }
}

/** Deletes the file that holds the private key; the certificate itself is public, and stays. */
function deleteSource({ host }: Invocation, given: string): void {
  const path = host.files.realPath(given) ?? given;
  if (!host.files.remove(path)) {
    throw new VaultError("file-failed", `Cannot delete ${quote(given)}: there is no such file`);
  }
  host.talk.answer(`Deleted ${quote(given)}, which held the private key`);
  host.talk.hint("Copies may remain in backups, and on the disk itself");
}
