/**
 * The variables of a GitHub Actions job: later steps get what a step adds to the file `GITHUB_ENV` (GitHub:
 * "Workflow commands for GitHub Actions").
 */

import type { Credentials } from "../credentials.ts";
import { unlessFileFails, VaultError } from "../errors.ts";
import type { Host } from "../host.ts";

const FILE_VARIABLE = "GITHUB_ENV";
const DELIMITER_BYTES = 16;
const NEWLINE = 0x0a;

/** The commands that have the runner hide the credentials in the log, wherever a later step prints them. */
export function maskForGithub(credentials: Credentials): string {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const secrets = [accessKeyId, secretAccessKey.reveal(), sessionToken?.reveal()];
  return secrets.filter((secret) => secret !== undefined)
    .map((secret) => `::add-mask::${escapeData(secret)}\n`).join("");
}

/** What a workflow command ends with, or begins an escape with. */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** The file of the job's variables. Throws `bad-usage` outside a job. */
export function requireGithubFile({ env }: Pick<Host, "env">): string {
  const path = env.get(FILE_VARIABLE);
  if (path) return path;
  throw new VaultError(
    "bad-usage",
    `Cannot export for GitHub Actions: ${FILE_VARIABLE} is not set`,
    { hints: ["This format is for a step of a job; elsewhere use another --format"] },
  );
}

/**
 * Adds variables to the job's. Throws `bad-usage` outside one.
 *
 * Between delimiters that nobody can guess: a value with a line break, such as a region that somebody else
 * chose, would otherwise add a variable of its own.
 */
export function appendToGithub(
  host: Pick<Host, "env" | "files" | "random">,
  variables: readonly (readonly [name: string, value: string])[],
): void {
  const path = requireGithubFile(host);
  const delimiter = `ghadelimiter_${host.random.bytes(DELIMITER_BYTES).toHex()}`;
  const lines = variables.map(([name, value]) => `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
  // A line that somebody left without an end stays a line of its own: the runner would read both as
  // one.
  const before = unlessFileFails(() => host.files.readBytes(path));
  const isOpen = ![undefined, NEWLINE].includes(before?.at(-1));
  host.files.append(path, (isOpen ? "\n" : "") + lines.join(""));
}
