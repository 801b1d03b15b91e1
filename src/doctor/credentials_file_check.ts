import { credentialsPath } from "../config/files.ts";
import { decodeText } from "../config/file_text.ts";
import type { Finding } from "../finding.ts";
import { readCredentialsFile } from "../migration/credentials_file.ts";
import { counted, quote } from "../text.ts";
import type { Check } from "./check.ts";
import { examineMode, findLeftovers, folderOf } from "../file_findings.ts";

/** The shared credentials file: plain keys in it, and who can read them. */
export const CREDENTIALS_FILE: Check = {
  id: "credentials-file",
  subject: "credentials file",
  run({ host }) {
    const path = credentialsPath(host);
    const bytes = host.files.readBytes(path);
    if (bytes === undefined) return [];
    return [
      ...examineMode(host.files, path, MODE),
      ...findLeftovers(host.files, folderOf(path)),
      ...findPlainKeys(decodeText(bytes, path), path),
    ];
  },
};

const MODE = {
  writable: "credentials-writable",
  readable: "credentials-readable",
  what: "The credentials file",
  danger: "keys stand in it as they are",
};

function findPlainKeys(text: string, path: string): Finding[] {
  const { keys } = readCredentialsFile(text, path);
  if (keys.length === 0) return [];
  const names = keys.map(({ profile }) => quote(profile)).join(", ");
  return [{
    id: "plain-keys",
    severity: "warning",
    subject: path,
    message: `${counted(keys.length, "long-term key")} in ${quote(path)}, readable by every ` +
      `program that you run: ${names}`,
    todo: "aws-vault import --delete-source",
  }];
}
