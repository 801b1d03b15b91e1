/** Every way by which credentials leave, from the tables of the program. */

import { findCommand } from "../../src/cli/commands_table.ts";
import { askContainer, type Left, type RailsHome } from "./rails_home.ts";
import type { ScriptedTerminal } from "../fakes/scripted_terminal.ts";

/** One way. */
export interface WayOut {
  readonly name: string;
  /** The command, as it is in the table of commands. */
  readonly command: string;
  /** The file of `src/commands` whose `handOut` it goes through. */
  readonly file: string;
  /** It asks for a stored key itself: more than an agent that is read-only may. */
  readonly asksForKey?: boolean;
  /** What leaves is a sign-in or a block of settings, and not the key. */
  readonly hidesKey?: boolean;
  /** It is a sign-in to the console, which takes not all credentials. */
  readonly isConsole?: boolean;
  run(
    home: RailsHome,
    asked: { flags: readonly string[]; profile: string },
    terminal?: ScriptedTerminal,
  ): Promise<Left>;
}

/** The formats of `export`, as its flag has them. */
export function exportFormats(): readonly string[] {
  const flags = findCommand("export")!.parameters.flags as Record<string, { values?: string[] }>;
  return flags["format"]!.values!;
}

function way(
  name: string,
  file: string,
  before: readonly string[],
  after: readonly string[] = [],
): WayOut {
  return {
    name,
    command: before[0]!,
    file,
    run: (home, { flags, profile }, terminal) =>
      home.leave([...before, ...flags, profile, ...after], terminal),
  };
}

const CHILD = ["--", "true"];

/** In this order: from the last on a server runs, beside which no other can. */
export const WAYS: readonly WayOut[] = [
  way("exec", "exec.ts", ["exec"], CHILD),
  { ...way("exec --no-session", "exec.ts", ["exec", "-n"], CHILD), asksForKey: true },
  way("exec --server", "live_source.ts", ["exec", "--server"], CHILD),
  way("exec --lazy", "renewal.ts", ["exec", "--server", "--lazy"], CHILD),
  way("exec --imds-port", "live_source.ts", ["exec", "--imds-port", "0"], CHILD),
  { ...way("login", "login.ts", ["login", "--stdout"]), hidesKey: true, isConsole: true },
  ...exportFormats().map((name) => ({
    ...way(`export ${name}`, "export.ts", ["export", `--format=${name}`]),
    hidesKey: name === "terraform",
  })),
  way("shell-use", "shell_use.ts", ["shell-use", "bash"]),
  way("export --force-refresh", "export.ts", ["export", "--force-refresh"]),
  { ...way("export --no-session", "export.ts", ["export", "-n"]), asksForKey: true },
  {
    name: "serve --grant",
    command: "serve",
    file: "serve.ts",
    run: (home, { flags, profile }, terminal) =>
      home.serve(["serve", "--grant", `g=${profile}`, ...flags], asGranted, terminal),
  },
  {
    name: "grant",
    command: "grant",
    file: "grant.ts",
    async run(home, { flags, profile }, terminal) {
      await home.serveAll();
      const asked = await home.leave(["grant", profile, "--format=export-env", ...flags], terminal);
      return asked.code === 0 ? { ...asked, left: await asGranted(asked.stdout) } : asked;
    },
  },
];

async function asGranted(printed: string): Promise<string> {
  const value = (name: string) => new RegExp(`${name}=(\\S+)`).exec(printed)![1]!;
  return await askContainer(value("_FULL_URI"), value("_TOKEN"));
}
