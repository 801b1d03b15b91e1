/** The program in the test's own process: the machine's files and programs, a clock that waits for nothing. */

import { run } from "../src/cli/run.ts";
import type { Backend } from "../src/backend.ts";
import type { CredentialSource } from "../src/credentials/source.ts";
import type { Clock, Host } from "../src/host.ts";
import { systemHost } from "../src/system/host.ts";
import { systemPlatform } from "../src/system/platform.ts";
import { memoryEnv } from "./fakes/memory_host.ts";
// What is stored here is opened by the processes of tests, and the other way round.
import "./fakes/few_rounds.ts";

/** What a command left. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the program is run in. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly backends: readonly Backend[];
  readonly sources: readonly CredentialSource[];
  /** By how much the machine's clock is wrong. */
  readonly clockOffsetMs: number;
}

/** Runs the program with this environment, without a terminal, and gives what it left. */
export async function runInProcess(
  words: readonly string[],
  surroundings: Surroundings,
  change: (host: Host) => Host,
): Promise<Finished> {
  const said = { stdout: "", stderr: "" };
  const env = memoryEnv({ PATH: Deno.env.get("PATH") ?? "", ...surroundings.env });
  const stream = (name: "stdout" | "stderr") => ({
    write: (text: string) => void (said[name] += text),
    isTerminal: () => false,
  });
  const system = systemHost();
  const host: Host = {
    ...system,
    env,
    platform: systemPlatform(env),
    clock: jumpingClock(system.clock, surroundings.clockOffsetMs),
    programs: { ...system.programs, replace: noReplacing, attend: noReplacing },
    terminal: {
      isAvailable: () => Promise.resolve(false),
      write: () => Promise.resolve(),
      ask: () => Promise.reject(new Error("nobody can be asked")),
      dropTyped: () => Promise.resolve(),
    },
    stdin: { isTerminal: () => false },
    stdout: stream("stdout"),
    stderr: stream("stderr"),
  };
  const { backends, sources } = surroundings;
  const code = await run(words, change(host), backends, sources);
  return { code, ...said };
}

/** Sleeps are jumped over: only the clock that measures durations moves on. */
function jumpingClock(clock: Clock, offsetMs: number): Clock {
  let jumpedMs = 0;
  return {
    now: () => clock.now().add({ milliseconds: offsetMs }),
    monotonicMs: () => clock.monotonicMs() + jumpedMs,
    sleep: (ms, signal) => {
      jumpedMs += ms;
      return clock.sleep(0, signal);
    },
  };
}

/** The process is the test's; `exec` is for processes of its own. */
function noReplacing(): Promise<never> {
  return Promise.reject(new Error("a child would take the place of the test's process"));
}
