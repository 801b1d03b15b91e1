/**
 * One process of `file_unlock_test.ts`: opens a file store in its session keyring, does what it is
 * given, and prints the outcomes as JSON.
 */

import { openFileKeyring } from "../../backends/file/keyring.ts";
import { changePassphrase } from "../../backends/file/change_passphrase.ts";
import { forgetUnlocked } from "../../backends/file/login_session.ts";
import type { VaultError } from "../../src/errors.ts";
import { systemNative } from "../../src/system/native.ts";
import { ScriptedTerminal } from "../fakes/scripted_terminal.ts";
import { fileDeps } from "./file_opener.ts";

/** What the process gets. */
export interface UnlockJob {
  readonly folder: string;
  readonly seconds: number;
  /** What a person types; more questions than answers fail. */
  readonly answers?: readonly string[];
  /** From the environment. */
  readonly passphrase?: string;
  readonly steps: readonly UnlockStep[];
}

/** One thing to do; `change` takes a new passphrase from the answers. */
export type UnlockStep =
  | readonly ["get", key: string]
  | readonly ["set", key: string, text: string]
  | readonly ["change"]
  | readonly ["lock"];

async function main(): Promise<void> {
  const job: UnlockJob = JSON.parse(Deno.args[0]!);
  const terminal = new ScriptedTerminal(job.answers);
  const native = systemNative();
  const deps = { ...fileDeps({ passphrase: job.passphrase, terminal }), native };
  const options = {
    folder: job.folder,
    passphrase: {},
    mayPrompt: true,
    unlockSeconds: job.seconds,
  };
  const keyring = openFileKeyring(deps, options);
  const act = async ([what, key, text]: UnlockStep): Promise<unknown> => {
    if (what === "lock") return forgetUnlocked(native);
    if (what === "change") return await changePassphrase(deps, { ...options, newPassphrase: {} });
    if (what === "get") return new TextDecoder().decode(await keyring.get(key));
    const data = new TextEncoder().encode(text);
    return await keyring.set(key, { data, label: "", standsAlone: true });
  };
  const outcomes: unknown[] = [];
  for (const step of job.steps) {
    outcomes.push(await act(step).catch((error: VaultError) => error.code));
  }
  terminal.assertUsedUp();
  console.log(JSON.stringify(outcomes.map((outcome) => outcome ?? null)));
}

await main();
