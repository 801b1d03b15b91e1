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

/** What the end of a certificate is looked up with; the keyring asks nobody. */
export interface ExpiryDeps {
  readonly host: Pick<Host, "env" | "files" | "terminal">;
  readonly keyring: () => Promise<Keyring>;
}

/** When the certificate of a profile expires; `undefined` where that cannot be seen without a person. */
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
 * Of several certificates in the open, the one that ends first: which is the profile's is known by the key
 * alone. PKCS#12 is opened for it, without a passphrase or with that of the variable.
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
