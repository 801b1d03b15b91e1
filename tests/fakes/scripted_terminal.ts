import assert from "node:assert/strict";
import { VaultError } from "../../src/errors.ts";
import type { Terminal } from "../../src/terminal.ts";
import { Secret } from "../../src/secret.ts";

/**
 * A person who gives these answers, in this order; without a list there is no terminal.
 *
 * An answer `undefined` is Ctrl-C. A question too many fails at once, and {@linkcode assertUsedUp}
 * fails when answers are left, so that a test says exactly what is asked.
 */
export class ScriptedTerminal implements Terminal {
  /** Everything that was shown, hidden questions marked. */
  readonly shown: string[] = [];
  readonly #answers: (string | undefined)[] | undefined;

  constructor(answers?: readonly (string | undefined)[]) {
    this.#answers = answers && [...answers];
  }

  isAvailable(): Promise<boolean> {
    return Promise.resolve(this.#answers !== undefined);
  }

  write(text: string): Promise<void> {
    this.shown.push(text);
    return Promise.resolve();
  }

  ask(question: string, options: { hidden?: boolean } = {}): Promise<Secret> {
    this.shown.push(options.hidden ? `${question}(hidden)` : question);
    assert.ok(this.#answers && this.#answers.length > 0, `nobody answers ${question}`);
    const answer = this.#answers.shift();
    return answer === undefined
      ? Promise.reject(new VaultError("interrupted", "Interrupted"))
      : Promise.resolve(new Secret(answer));
  }

  dropTyped(): Promise<void> {
    return Promise.resolve();
  }

  assertUsedUp(): void {
    assert.deepEqual(this.#answers ?? [], [], "answers that nobody asked for");
  }
}
