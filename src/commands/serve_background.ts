/** `serve --background`: this process does what needs a person, and one without a terminal serves. */

import type { Credentials } from "../credentials.ts";
import { printLines } from "../print.ts";
import type { CommandContext, Invocation } from "./context.ts";
import { renderStartGrant } from "./grant_formats.ts";
import { askServer, takeServerPlace } from "./server_place.ts";
import type { StartGrant } from "./start_grants.ts";

/** The input of a background server. */
export interface BackgroundServing {
  readonly starts: readonly StartGrant[];
  /** Whether the credentials of grants are obtained at their first request (`--lazy`). */
  readonly isLazy: boolean;
  /** Obtains the first credentials, which the server finds in the cache. */
  readonly first: () => Promise<ReadonlyMap<string, Credentials>>;
}

/**
 * Starts the server and returns once it answers. Its grants are made over its socket, like any grant: no token
 * is in an argument list, or in any other stream of the server.
 */
export async function serveInBackground(
  context: CommandContext,
  invocation: Invocation,
  { starts, isLazy, first }: BackgroundServing,
): Promise<void> {
  const { host } = invocation;
  (await takeServerPlace(host)).release();
  await first();
  await invocation.close();
  const words = withoutFlags(context.words);
  const { line, stderr, code } = await host.background.start(words);
  printLines(host.stderr, stderr.split("\n").filter((text) => text !== ""));
  if (line === undefined) return context.exitWith(code || 1);
  try {
    const lines: string[] = [];
    for (const start of starts) lines.push(...await makeGrant(invocation, start, isLazy));
    printLines(host.stdout, [line, ...lines]);
  } catch (error) {
    // As without --background: a server that lacks one of its grants does not stay.
    await askServer(host, { do: "stop" }).catch(() => {});
    throw error;
  }
}

/** Makes one grant, and gives the lines that tell its program about it. */
async function makeGrant(
  invocation: Invocation,
  { name, profiles }: StartGrant,
  isLazy: boolean,
): Promise<readonly string[]> {
  const { profileUri } = await import("../server/granted.ts");
  if (!isLazy) await prepare(invocation, profiles);
  const grant = await askServer(invocation.host, { do: "grant", name, profiles });
  const url = new URL(grant.AWS_CONTAINER_CREDENTIALS_FULL_URI);
  return renderStartGrant(grant, profiles.map((one) => profileUri(url.host, one)));
}

/** Makes the server read what was obtained here; throws if it cannot, since it would serve nothing. */
async function prepare({ host }: Invocation, profiles: readonly string[]): Promise<void> {
  for (const profile of profiles) {
    const { missing } = await askServer(host, { do: "prepare", profile });
    if (missing === undefined) continue;
    throw (await import("../server/control.ts")).reviveError(missing);
  }
}

/**
 * Flags that the server itself must not get; a code has already been used, and does not belong in
 * another argument list.
 */
const WITH_VALUE = new Set(["--grant", "--mfa-token", "-t"]);

/** The words of the server's own command line. */
function withoutFlags(words: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (WITH_VALUE.has(word)) i++;
    else if (word !== "--background" && !WITH_VALUE.has(word.split("=")[0]!)) kept.push(word);
  }
  return kept;
}
