/**
 * The CSV file that the IAM console offers once for a new access key: `Access key ID,Secret access key`,
 * preceded by `User name` and more in older consoles; with a byte order mark and CRLF.
 */

import { VaultError } from "../errors.ts";
import { isAccessKeyId, isSecretAccessKey } from "../credentials/entered_key.ts";
import { Secret } from "../secret.ts";
import { quote } from "../text.ts";
import {
  type Importable,
  type ImportableKey,
  takeRepeated,
  type Unimportable,
} from "./importable_key.ts";

/**
 * The keys of a file, each for the given profile, else for its user's name. Throws `bad-usage` if a
 * profile must be given, or cannot be for several keys, and `bad-config` for any other file.
 */
export function readConsoleCsv(text: string, path: string, profile?: string): Importable {
  const [header = [], ...rows] = parseCsv(text.replace(/^\ufeff/, ""));
  const columns = header.map((name) => name.trim().toLowerCase().replace(/[ _]+/g, " "));
  const at = {
    user: columns.indexOf("user name"),
    id: columns.indexOf("access key id"),
    secret: columns.indexOf("secret access key"),
  };
  if (at.id < 0 || at.secret < 0) {
    throw notConsole(path, "its first line does not name an access key");
  }
  if (rows.length === 0) throw notConsole(path, "there is no key in it");
  if (profile !== undefined && rows.length > 1) {
    throw new VaultError(
      "bad-usage",
      `Cannot store the keys of ${quote(path)} under one profile: it has ${rows.length}`,
      { hints: ["Without --profile each is stored under its user's name"] },
    );
  }
  const keys: ImportableKey[] = [];
  const others: Unimportable[] = [];
  for (const [index, row] of rows.entries()) {
    const name = profile ?? row[at.user]?.trim();
    if (!name) throw unnamed(path);
    const accessKeyId = row[at.id]?.trim() ?? "";
    const secret = row[at.secret]?.trim() ?? "";
    if (isAccessKeyId(accessKeyId) && isSecretAccessKey(secret)) {
      keys.push({ profile: name, key: { accessKeyId, secretAccessKey: new Secret(secret) } });
    } else {others.push({
        profile: name,
        why: `row ${index + 2} has an incomplete key`,
        isFailure: true,
      });}
  }
  return { keys, others: [...others, ...takeRepeated(keys)] };
}

/** Parses CSV by RFC 4180, lenient about line ends; skips empty lines. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  const field = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n|\r|\n|$)/y;
  let row: string[] = [];
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (match === null) return [];
    const [, quoted, plain = "", end] = match;
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ",") {
      if (field.lastIndex === text.length) row.push("");
      else continue;
    }
    if (row.some((value) => value !== "")) rows.push(row);
    row = [];
  }
  return rows;
}

function notConsole(path: string, why: string): VaultError {
  return new VaultError("bad-config", `Cannot import from ${quote(path)}: ${why}`, {
    hints: ["It must be the CSV file that the IAM console gives for an access key"],
  });
}

function unnamed(path: string): VaultError {
  return new VaultError(
    "bad-usage",
    `Cannot tell the profile for the key in ${quote(path)}: it names no user`,
    { hints: ["Name it: --profile=NAME"] },
  );
}
