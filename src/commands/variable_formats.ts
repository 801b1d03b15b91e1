/**
 * Variables for other shells and files: one function per reader, which writes one variable.
 *
 * Each quotes by the rules of its reader, and refuses values that the reader cannot express. Loaded only for
 * these formats.
 */

import { VaultError } from "../errors.ts";

/** Writes a variable as a line, without its line end. */
export type VariableFormat = (name: string, value: string) => string;

/** fish: in single quotes only the quote and the backslash are special (fish: "Quotes"). */
export const fish: VariableFormat = (name, value) =>
  `set -gx ${name} '${value.replace(/[\\']/g, "\\$&")}'`;

/**
 * PowerShell: nothing is expanded in single quotes, and a quote is doubled (about_Quoting_Rules). It also
 * accepts typographic quotes as quotes.
 */
export const powershell: VariableFormat = (name, value) =>
  `$Env:${name} = '${value.replace(/['\u2018-\u201b]/g, "$&$&")}'`;

/**
 * cmd, for a batch file: `set "N=V"` with every percent sign doubled (at the prompt it stays doubled).
 * A quotation mark would end the quotes, and the text after it could be a command.
 */
export const cmd: VariableFormat = (name, value) => {
  // deno-lint-ignore no-control-regex -- these are what is looked for
  if (/["\x00-\x1f\x7f]/.test(value)) {
    throw unwritable(name, "cmd", "a quotation mark or control character");
  }
  return `set "${name}=${value.replaceAll("%", "%%")}"`;
};

/** Nushell: a double-quoted string with escapes (Nushell book: "Working with strings"). */
export const nushell: VariableFormat = (name, value) =>
  // deno-lint-ignore no-control-regex -- these are what is escaped
  `$env.${name} = "${value.replace(/[\\"]/g, "\\$&").replace(/[\x00-\x1f\x7f]/g, escapeUnit)}"`;

function escapeUnit(character: string): string {
  return `\\u{${character.charCodeAt(0).toString(16)}}`;
}

/**
 * `.env` files: single quotes, in which readers expand nothing (but python-dotenv replaces `${NAME}`
 * there by default). Readers differ about a backslash or a quote in them, so such values are
 * refused.
 */
export const dotenv: VariableFormat = (name, value) => {
  if (/^[\w+\-=/:.,@]*$/.test(value)) return `${name}=${value}`;
  // deno-lint-ignore no-control-regex -- these are what is looked for
  if (/['\\\x00-\x1f\x7f]/.test(value)) {
    throw unwritable(name, "dotenv", "a single quote, a backslash or a control character");
  }
  return `${name}='${value}'`;
};

/** `docker run --env-file`: everything after the equals sign is the value, including quotes. */
export const dockerEnv: VariableFormat = (name, value) => {
  // deno-lint-ignore no-control-regex -- these are what is looked for
  if (/[\x00-\x1f\x7f]/.test(value)) throw unwritable(name, "docker-env", "a control character");
  return `${name}=${value}`;
};

/** `EnvironmentFile=` of systemd: in double quotes, four characters need a backslash (systemd.exec(5)). */
export const systemdEnv: VariableFormat = (name, value) => {
  if (value.includes("\0")) throw unwritable(name, "systemd-env", "a NUL");
  return `${name}="${value.replace(/[\\"`$]/g, "\\$&")}"`;
};

function unwritable(name: string, format: string, what: string): VaultError {
  return new VaultError(
    "unsupported",
    `Cannot export ${name} as ${format}: its value has ${what}, which that format cannot hold`,
    { hints: ["Use --format=json, or correct the value"] },
  );
}
