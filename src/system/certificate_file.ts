import { HttpFailure } from "../host.ts";
import { quote } from "../text.ts";
import { FileRefusal } from "./file_failure.ts";
import { refuseEndless } from "./plain_file.ts";
import { readRawVariable } from "./process_environment.ts";

/**
 * Throws `HttpFailure` where `SSL_CERT_FILE` names a pipe, a device or a huge file: the runtime reads it
 * to its end, which may never come, and nothing can interrupt it.
 */
export function refuseEndlessCertificates(): void {
  const path = readRawVariable("SSL_CERT_FILE");
  if (!path) return;
  try {
    refuseEndless(path);
  } catch (cause) {
    if (!(cause instanceof FileRefusal)) return;
    throw new HttpFailure("untrusted", `SSL_CERT_FILE names ${quote(path)}: ${cause.message}`, {
      cause,
    });
  }
}
