import { VaultError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import type { Keyring } from "../../keyring.ts";
import { parseCertificate } from "./certificate.ts";
import type { CertificateFiles } from "./certificate_settings.ts";
import { loadForge } from "./forge.ts";
import { publicCertificates } from "./key_file.ts";
import { isPkcs12 } from "./pkcs12.ts";
import { readCertificateFiles } from "./read_files.ts";
import { readCertificate } from "./stored_certificate.ts";

/** The dependencies of finding the end of a certificate; the keyring asks nobody. */
export interface ExpiryDeps {
  readonly host: Pick<Host, "env" | "files" | "terminal">;
  readonly keyring: () => Promise<Keyring>;
}

/** When the certificate of a profile expires; `undefined` if only a person could make that known. */
export async function findExpiry(
  deps: ExpiryDeps,
  profile: string,
  files: CertificateFiles | undefined,
): Promise<Temporal.Instant | undefined> {
  try {
    if (files !== undefined) return await expiryOfFiles(deps, files);
    return (await readCertificate(await deps.keyring(), profile))?.certificate.notAfter;
  } catch (error) {
    if (error instanceof VaultError) return undefined;
    throw error;
  }
}

/**
 * Of several unencrypted certificates, the one that ends first: only the key shows which one is the
 * profile's. PKCS#12 is opened for it, without a passphrase or with that of the variable.
 */
async function expiryOfFiles(
  { host }: Pick<ExpiryDeps, "host">,
  files: CertificateFiles,
): Promise<Temporal.Instant | undefined> {
  const bytes = host.files.readBytes(files.certificate);
  if (bytes === undefined) return undefined;
  if (isPkcs12(bytes)) {
    return (await readCertificateFiles({ host, mayPrompt: false }, files)).certificate.notAfter;
  }
  try {
    const forge = await loadForge();
    const ends = publicCertificates(bytes).map((der) => parseCertificate(forge, der).notAfter);
    return ends.sort(Temporal.Instant.compare)[0];
  } catch {
    return undefined;
  }
}
