import type { FileKeyringDeps } from "../../backends/file/keyring.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemEnv } from "../../src/system/env.ts";
import { systemFiles } from "../../src/system/files.ts";
import { systemPlatform } from "../../src/system/platform.ts";
import { systemPrograms } from "../../src/system/programs.ts";
import { systemRandom } from "../../src/system/random.ts";
import { memoryEnv, TalkRecorder } from "../fakes/memory_host.ts";
import { ScriptedTerminal } from "../fakes/scripted_terminal.ts";

/** Real files, a passphrase from the environment, and a terminal that gives the set answers. */
export function fileDeps(
  options: { passphrase?: string | undefined; terminal?: ScriptedTerminal } = {},
): FileKeyringDeps & { readonly talk: TalkRecorder } {
  const { passphrase } = options;
  return {
    files: systemFiles(),
    clock: systemClock(),
    random: systemRandom(),
    programs: systemPrograms(),
    env: memoryEnv(passphrase === undefined ? {} : { AWS_VAULT_FILE_PASSPHRASE: passphrase }),
    platform: systemPlatform(systemEnv()),
    terminal: options.terminal ?? new ScriptedTerminal(),
    talk: new TalkRecorder(),
  };
}
