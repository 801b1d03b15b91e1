import type { SessionSummary } from "../cache/session_rows.ts";
import { classifyItem, pendingProfile } from "../credentials/key_names.ts";
import { counted } from "../text.ts";
import { printLines, printText } from "../print.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { describePending } from "./key_notes.ts";
import { keptKeys } from "./replaced_keys.ts";
import { type ListOrder, sortRows } from "./list_order.ts";
import { liveSessions } from "./live_sessions.ts";
import { makeRows, renderJson, renderRows, sessionLabel } from "./list_rows.ts";

/** The flags of `list`. */
export interface ListFlags extends GlobalFlags {
  readonly profiles?: boolean | undefined;
  readonly credentials?: boolean | undefined;
  readonly sessions?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly long?: boolean | undefined;
  readonly sort?: ListOrder | undefined;
  readonly tree?: boolean | undefined;
}

/**
 * `list`: profiles, stored keys and cached sessions. Looks into the keystore once, and reads no secret except
 * for `--long`, which shows the IDs of keys that can be read without a question.
 */
export async function list(this: CommandContext, flags: ListFlags): Promise<void> {
  const invocation = this.open(flags);
  const print = (lines: readonly string[]) => printLines(invocation.host.stdout, lines);
  const only = flags.json ? {} : flags;
  if (only.profiles) return print(invocation.config().profileNames());
  if (only.sessions) return await printSessions(invocation, print);
  const keyring = await invocation.keyring();
  const names = await keyring.keys();
  const keys = names.filter((name) => classifyItem(name) === "credential").sort();
  notePending(invocation, names);
  const kept = await keptKeys(invocation, keyring, names);
  if (only.credentials) return print(keys);
  const created = (await invocation.cache()).keysCreated();
  const made = makeRows(
    invocation.config().profileNames(),
    keys,
    await noticedSessions(invocation),
    created,
  );
  const { withEnds } = await import("./list_ends.ts");
  const rows = sortRows(invocation, await withEnds(invocation, made), flags.sort);
  if (rows.length === 0 && !flags.json) {
    invocation.host.talk.hint(
      "There are no profiles and no keys yet; store a key: aws-vault add work",
    );
  }
  if (flags.json) printText(invocation.host.stdout, renderJson(invocation, rows, flags));
  else if (flags.tree) {
    const { renderTree } = await import("./list_tree.ts");
    print(renderTree(invocation, rows));
  } else if (flags.long) {
    const { renderLong } = await import("./list_long.ts");
    print(await renderLong(invocation, rows, kept));
  } else print(renderRows(invocation, rows));
  (await invocation.cache()).requireWorking();
}

/** One session per line: the output of aws-vault 7, then the session's profile. */
async function printSessions(
  invocation: Invocation,
  print: (lines: readonly string[]) => void,
): Promise<void> {
  const live = await noticedSessions(invocation);
  const label = sessionLabel(invocation);
  print(live.map((session) => `${label(session)} ${session.profile}`));
  (await invocation.cache()).requireWorking();
}

/** The usable sessions; a note says how many more there may be. */
async function noticedSessions(invocation: Invocation): Promise<SessionSummary[]> {
  const { sessions, unknown } = await liveSessions(invocation);
  if (unknown > 0) {
    const [are, they] = unknown === 1 ? ["is", "it"] : ["are", "them"];
    invocation.host.talk.note(
      `${counted(unknown, "cached session")} ${are} not listed: ` +
        `the keystore cannot be read now, and does not show whether it opens ${they}`,
    );
  }
  return sessions;
}

function notePending(invocation: Invocation, names: readonly string[]): void {
  for (const profile of names.map(pendingProfile).filter((name) => name !== undefined).sort()) {
    invocation.host.talk.note(describePending(profile));
  }
}
