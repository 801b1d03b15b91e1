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

/** The commands that make the runner mask the credentials in the log, also when a later step prints them. */
export function maskForGithub(credentials: Credentials): string {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const secrets = [accessKeyId, secretAccessKey.reveal(), sessionToken?.reveal()];
  return secrets.filter((secret) => secret !== undefined)
    .map((secret) => `::add-mask::${escapeData(secret)}\n`).join("");
}

/** Escapes the characters that end a workflow command or begin an escape. */
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
 * Adds variables to the job's. Throws `bad-usage` outside a job.
 *
 * Uses unguessable delimiters: otherwise a value with a line break, such as a region that somebody else
 * chose, could add another variable.
 */
export function appendToGithub(
  host: Pick<Host, "env" | "files" | "random">,
  variables: readonly (readonly [name: string, value: string])[],
): void {
  const path = requireGithubFile(host);
  const delimiter = `ghadelimiter_${host.random.bytes(DELIMITER_BYTES).toHex()}`;
  const lines = variables.map(([name, value]) => `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
  // Ends an unfinished line that somebody left: otherwise the runner would read both lines as
  // one.
  const before = unlessFileFails(() => host.files.readBytes(path));
  const isOpen = ![undefined, NEWLINE].includes(before?.at(-1));
  host.files.append(path, (isOpen ? "\n" : "") + lines.join(""));
}
