import type { Finding } from "../finding.ts";
import { readCredentialsFile } from "../migration/credentials_file.ts";
import { commandLine, counted, quote } from "../text.ts";

/** Unencrypted long-term keys in a file; AWS's programs also read them from the config file. */
export function findPlainKeys(text: string, path: string): Finding[] {
  const { keys } = readCredentialsFile(text, path);
  if (keys.length === 0) return [];
  const names = keys.map(({ profile }) => quote(profile)).join(", ");
  return [{
    id: "plain-keys",
    severity: "warning",
    subject: path,
    message: `${counted(keys.length, "long-term key")} in ${quote(path)}, readable by every ` +
      `program that you run: ${names}`,
    todo: commandLine(["import", "--from", path, "--delete-source"]),
  }];
}
