import type { Profile } from "../../config/profile.ts";
import type { Platform } from "../../host.ts";

/** The files of a profile's certificate; without files it is in the keystore. */
export interface CertificateFiles {
  readonly certificate: string;
  /** Absent: the key is in the certificate's file. */
  readonly privateKey: string | undefined;
  readonly chain: string | undefined;
}

/** The setting of each file. */
export const FILE_SETTINGS = {
  certificate: "rolesanywhere_certificate_file",
  privateKey: "rolesanywhere_private_key_file",
  chain: "rolesanywhere_chain_file",
} as const;

/** The files that a profile names, if it names its certificate. */
export function certificateFiles(
  { sourceSettings }: Profile,
  { home }: Pick<Platform, "home">,
): CertificateFiles | undefined {
  const path = (setting: string) => {
    const text = sourceSettings[setting];
    return text?.startsWith("~/") && home !== undefined ? home + text.slice(1) : text;
  };
  const certificate = path(FILE_SETTINGS.certificate);
  if (certificate === undefined) return undefined;
  return {
    certificate,
    privateKey: path(FILE_SETTINGS.privateKey),
    chain: path(FILE_SETTINGS.chain),
  };
}
