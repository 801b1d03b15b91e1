import { openPassKeyring, type PassDeps } from "../../backends/pass/keyring.ts";
import type { Keyring } from "../../src/keyring.ts";
import { systemClock } from "../../src/system/clock.ts";
import { openLibc } from "../../src/system/ffi/libc.ts";
import { systemFiles } from "../../src/system/files.ts";
import { systemPlatform } from "../../src/system/platform.ts";
import { systemPrograms } from "../../src/system/programs.ts";
import { systemRandom } from "../../src/system/random.ts";
import { memoryEnv, TalkRecorder } from "../fakes/memory_host.ts";
import { ScriptedTerminal } from "../fakes/scripted_terminal.ts";
import type { KeyringConfig } from "./keyring_contract.ts";

// Opened before any test runs: it stays open, which a test would be blamed for.
openLibc();

/** Real files and programs, the environment of a test, and no terminal. */
export function passDeps(env: Readonly<Record<string, string>>): PassDeps {
  return {
    env: memoryEnv(env),
    files: systemFiles(),
    clock: systemClock(),
    random: systemRandom(),
    programs: systemPrograms(),
    platform: systemPlatform(memoryEnv(env)),
    terminal: new ScriptedTerminal(),
    talk: new TalkRecorder(),
  };
}

/** For `keyring_contract.ts`: which of the two, the environment for it, and a prefix. */
export function openKeyring(config: KeyringConfig): Keyring {
  const { backend, env, passPrefix, mayPrompt = true } = config as {
    backend: "pass" | "passage";
    env: Record<string, string>;
    passPrefix?: string;
    mayPrompt?: boolean;
  };
  return openPassKeyring(backend, passDeps(env), { passPrefix, mayPrompt });
}
