import type { Profile } from "../../config/profile.ts";
import { certificateName } from "../key_names.ts";
import type { ObtainDeps } from "../source.ts";
import { certificateFiles } from "./certificate_settings.ts";

/**
 * Identifies a profile's certificate by a hash of 64 digits: of its files, or of the stored one's
 * change counter. Nothing is opened.
 */
export async function identifyCertificate(
  deps: Pick<ObtainDeps, "host" | "cache">,
  profile: Profile,
): Promise<string> {
  const files = certificateFiles(profile, deps.host.platform);
  if (files === undefined) {
    const changes = (await deps.cache()).generation(certificateName(profile.name));
    return await hashOf(new TextEncoder().encode(`stored ${changes}`));
  }
  const hashes = [];
  for (const path of [files.certificate, files.privateKey, files.chain]) {
    const bytes = path === undefined ? undefined : deps.host.files.readBytes(path);
    hashes.push(bytes === undefined ? "" : await hashOf(bytes));
  }
  return await hashOf(new TextEncoder().encode(hashes.join(" ")));
}

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
