import { VaultError } from "../errors.ts";
import { printLines } from "../print.ts";
import { isWanted, RecordReader, type UseFilter } from "../record/read_uses.ts";
import type { Use } from "../record/use.ts";
import { type TalkingHost, warnOnce } from "../talk.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { renderTable } from "./table.ts";

/** The flags of `log`. */
export interface LogFlags extends GlobalFlags {
  /** In seconds before now. */
  readonly since?: number | undefined;
  readonly profile?: string | undefined;
  readonly key?: string | undefined;
  readonly json?: boolean | undefined;
  readonly follow?: boolean | undefined;
}

const FOLLOW_MS = 500;

/** `log`: which program had credentials, when, and how they were obtained; exit code 3 if nothing is found. */
export async function log(this: CommandContext, flags: LogFlags): Promise<void> {
  const invocation = this.open(flags);
  const { host } = invocation;
  const filter: UseFilter = {
    since: flags.since === undefined
      ? undefined
      : host.clock.now().subtract({ seconds: flags.since }),
    profile: flags.profile,
    key: flags.key,
  };
  if (flags.follow) return await follow(invocation, flags, filter);
  const reader = new RecordReader(host);
  const uses = reader.readAll().filter((use) => isWanted(use, filter));
  if (uses.length === 0) {
    // An unreadable record is not known to be empty.
    for (const failure of reader.failures) throw failure;
    throw new VaultError("no-credentials", "No recorded use matches", {
      hints: [
        "The record is in the state folder; AWS_VAULT_LOG turns it off, or sends it elsewhere",
      ],
    });
  }
  warnOfUnread(host, reader);
  print(invocation, flags, uses);
}

/** Warns once about the files of the record that the output lacks. */
function warnOfUnread({ talk }: TalkingHost, { failures }: RecordReader): void {
  for (const { message } of failures) warnOnce(talk, message);
}

function print({ host }: Invocation, { json }: LogFlags, uses: readonly Use[]): void {
  const lines = json
    ? uses.map((use) => JSON.stringify(use))
    : renderTable(HEADINGS, uses.map(toRow));
  printLines(host.stdout, lines);
}

const HEADINGS = ["Time", "Profile", "Key", "How", "For"];

function toRow({ time, profile, accessKeyId, how, by, ...use }: Use): string[] {
  const { command, grant, program, agent } = use;
  const what = [by, ...command ?? [], ...grant === undefined ? [] : [`(grant ${grant})`]].join(" ");
  const asked = program === undefined ? [] : [`asked by ${program}`];
  const under = agent === undefined ? [] : [`agent ${agent}`];
  return [time, profile, accessKeyId, how, [what, ...asked, ...under].join(", ")];
}

/** Prints the existing uses and new ones, until the person stops it. */
async function follow(
  invocation: Invocation,
  flags: LogFlags,
  filter: UseFilter,
): Promise<never> {
  const { host } = invocation;
  const reader = new RecordReader(host);
  const wanted = (uses: readonly Use[]) => uses.filter((use) => isWanted(use, filter));
  const before = wanted(reader.readAll());
  if (before.length > 0) print(invocation, flags, before);
  warnOfUnread(host, reader);
  while (true) {
    await host.clock.sleep(FOLLOW_MS);
    const added = wanted(reader.readAdded());
    warnOfUnread(host, reader);
    if (flags.json) print(invocation, flags, added);
    else printLines(host.stdout, added.map((use) => toRow(use).join("  ")));
  }
}
