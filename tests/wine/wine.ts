/**
 * The program for Windows under wine, driven from Linux: at a pseudo-terminal, and many at once.
 *
 * `.ci/run` says by `AWS_VAULT_WINE` which wine, and by `AWS_VAULT_WINDOWS_BIN` which program; wine's own
 * variables are inherited. Without them these tests are skipped, and `.ci/run` fails.
 */

import assert from "node:assert/strict";
import { makeFolder } from "../folder.ts";
import { type Outcome, play, type Step } from "../process/terminal_driver.ts";
import { sourceWords } from "../process/launch.ts";

const WINE = Deno.env.get("AWS_VAULT_WINE");
const PROGRAM = Deno.env.get("AWS_VAULT_WINDOWS_BIN");

/** For `Deno.test`. */
export const NEEDS_WINE = { ignore: WINE === undefined || PROGRAM === undefined };

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** A folder with a file store and a config that programs of both systems use. */
export class SharedHome implements Disposable {
  readonly path = makeFolder();
  /** Variables for either system; paths are of their own. */
  readonly env: Record<string, string> = {
    AWS_VAULT_BACKEND: "file",
    AWS_VAULT_FILE_UNLOCK_TTL: "0",
    AWS_REGION: "us-east-1",
  };
  /** The folder of the store, below the home. */
  store = "keys";

  /** The variables of wine, and of a program under it. */
  windowsEnv(): Record<string, string> {
    const wine = Object.entries(Deno.env.toObject()).filter(([name]) => /^(WINE|PATH$)/.test(name));
    // Wine reads and writes terminals in the locale's encoding.
    const LANG = "C.UTF-8";
    return { ...Object.fromEntries(wine), LANG, ...this.env, ...this.#places("Z:", "\\") };
  }

  linuxEnv(): Record<string, string> {
    return { ...this.env, ...this.#places("", "/"), HOME: this.path };
  }

  #places(drive: string, slash: string): Record<string, string> {
    const at = (name: string) => `${drive}${this.path}/${name}`.replaceAll("/", slash);
    return {
      AWS_VAULT_FILE_DIR: at(this.store),
      AWS_VAULT_STATE_DIR: at("state"),
      AWS_CONFIG_FILE: at("config"),
    };
  }

  /** Runs the program for Windows at a terminal. */
  async windows(words: readonly string[], steps: readonly Step[] = []): Promise<Outcome> {
    return await this.#play(windowsWords(words), steps, this.windowsEnv());
  }

  /** Runs the program of this system at a terminal. */
  async linux(words: readonly string[], steps: readonly Step[] = []): Promise<Outcome> {
    return await this.#play([...sourceWords(MAIN), ...words], steps, this.linuxEnv());
  }

  async #play(argv: string[], steps: readonly Step[], env: Record<string, string>) {
    // Wine's console needs a window, and breaks lines at its end.
    return await play({ argv, steps, env, size: [30, 400], timeout: 120 });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** How the program for Windows is started. */
export function windowsWords(words: readonly string[]): string[] {
  return [WINE!, PROGRAM!, ...words];
}

/** What a terminal shows, without what moves the cursor. */
export function shownBy({ terminal }: Outcome): string {
  // deno-lint-ignore no-control-regex -- the escape character is what this looks for
  return terminal.replace(/\u001b\[[?0-9;]*[A-Za-z]/g, "").replaceAll("\r", "");
}

/** Throws unless the program has printed this key. */
export function assertGives(outcome: Outcome, keyId: string): void {
  assert.match(shownBy(outcome), new RegExp(`AWS_ACCESS_KEY_ID=${keyId}`));
}
