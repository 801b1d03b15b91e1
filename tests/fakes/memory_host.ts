/**
 * Parts of a `Host` in memory, for unit tests: nothing here sleeps, reads the machine or is shared.
 *
 * `memoryHost()` gives all of them at once; a test that needs one part takes that part's own maker.
 */

import { talkTo } from "../../src/cli/output.ts";
import type { Env, Platform, Random } from "../../src/host.ts";
import type { Talk } from "../../src/talk.ts";
import { ManualClock } from "./manual_clock.ts";
import { MemoryFiles } from "./memory_files.ts";

export { ManualClock } from "./manual_clock.ts";
export { MemoryFiles } from "./memory_files.ts";

/** An environment of just these variables. */
export function memoryEnv(values: Readonly<Record<string, string>> = {}): Env {
  return { get: (name) => values[name], all: () => ({ ...values }) };
}

/** A Linux machine with the home `/home/test`, except for what is given. */
export function memoryPlatform(changes: Partial<Platform> = {}): Platform {
  return {
    os: "linux",
    pid: 4242,
    home: "/home/test",
    executable: "/usr/bin/aws-vault",
    parentProgram: "sh",
    user: "1000",
    ...changes,
  };
}

/** Numbers that look random and are the same in every run with the same seed (mulberry32). */
export function seededRandom(seed = 1): Random {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(fraction() * 256)),
  };
}

/**
 * Keeps every message as it is printed, one line each: as it is or as `note: …`, `warning: …`,
 * `hint: …`, `debug: …`.
 */
export class TalkRecorder implements Talk {
  readonly lines: string[] = [];
  readonly #talk = talkTo({ write: (line) => this.#add(line), isTerminal: () => false }, true);
  readonly answer = this.#talk.answer;
  readonly say = this.#talk.say;
  readonly insist = this.#talk.insist;
  readonly note = this.#talk.note;
  readonly warn = this.#talk.warn;
  readonly hint = this.#talk.hint;
  readonly debug = this.#talk.debug;

  #add(line: string): void {
    this.lines.push(line.slice(0, -1));
  }

  /** The messages without those of `--debug`. */
  get said(): string[] {
    return this.lines.filter((line) => !line.startsWith("debug: "));
  }
}

/**
 * All parts at once; files and clock agree on the time, and sleeps are jumped over unless set
 * otherwise.
 */
export function memoryHost(options: {
  env?: Readonly<Record<string, string>>;
  files?: Readonly<Record<string, string>>;
  platform?: Partial<Platform>;
  start?: string;
  jumpsOverSleeps?: boolean;
} = {}) {
  const { start, jumpsOverSleeps = true } = options;
  const clock = new ManualClock(
    start === undefined ? { jumpsOverSleeps } : { start, jumpsOverSleeps },
  );
  return {
    env: memoryEnv(options.env),
    platform: memoryPlatform(options.platform),
    clock,
    random: seededRandom(),
    files: new MemoryFiles(options.files, clock),
    talk: new TalkRecorder(),
  };
}
