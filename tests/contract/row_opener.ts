/** Opens a keyring by its row of a table of back ends, as the program does: by flags and variables. */

import type { Backend } from "../../src/backend.ts";
import type { Keyring } from "../../src/keyring.ts";
import { openLibc } from "../../src/system/ffi/libc.ts";
import { systemHost } from "../../src/system/host.ts";
import { systemPlatform } from "../../src/system/platform.ts";
// All who open the store do: the suite of the file store starts dozens of processes.
import "../fakes/few_rounds.ts";
import { memoryEnv, TalkRecorder } from "../fakes/memory_host.ts";
import { ScriptedTerminal } from "../fakes/scripted_terminal.ts";
import { desktopHost } from "../services/session_bus.ts";
import type { KeyringConfig } from "./keyring_contract.ts";

// Opened before any test runs: it stays open, which a test would be blamed for.
if (Deno.build.os !== "windows") openLibc();

/** Which row of which table, and what the command line and the environment say. */
export interface RowConfig {
  readonly backend: string;
  readonly env: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly mayPrompt?: boolean;
  /** A module with another table `BACKENDS`. */
  readonly table?: string;
}

/** For `keyring_contract.ts`: the module to name there. */
export const ROW_OPENER = import.meta.url;

/** For `keyring_contract.ts`, with a {@linkcode RowConfig}; nobody can be asked at a terminal. */
export async function openKeyring(config: KeyringConfig): Promise<Keyring> {
  const row = config as unknown as RowConfig;
  const { BACKENDS } = await loadTable(row.table);
  const backend = BACKENDS.find(({ name }) => name === row.backend);
  if (backend === undefined) throw new Error(`the table has no ${row.backend}`);
  const env = memoryEnv(row.env);
  const host = {
    ...systemHost(),
    ...desktopHost(row.env),
    env,
    platform: systemPlatform(env),
    terminal: new ScriptedTerminal(),
    talk: new TalkRecorder(),
  };
  return await backend.open(host, { flags: row.flags ?? {}, mayPrompt: row.mayPrompt ?? false });
}

function loadTable(module: string | undefined): Promise<{ BACKENDS: readonly Backend[] }> {
  return module === undefined ? import("../../backends/mod.ts") : import(module);
}
