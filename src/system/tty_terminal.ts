import { VaultError } from "../errors.ts";
import type { AskOptions, Dialog, Terminal } from "../terminal.ts";
import { Secret } from "../secret.ts";
import { escapeControls } from "../text.ts";
import { openLibc } from "./ffi/libc.ts";
import { guardMemory } from "./ffi/memory_guard.ts";
import { DialogScreen, OWN_SCREEN, parseKeys, terminalSize } from "./dialog_screen.ts";
import { LineEditor } from "./line_editor.ts";
import type { Tty } from "./tty.ts";
import { DEADLY, endBy, listen, stopJob } from "./signals.ts";
import { openPosixTty } from "./tty_posix.ts";
import { Deadline, ready, untilTaken } from "./tty_turn.ts";
import { openWindowsTty } from "./tty_windows.ts";

const NO_SCREEN = { enter: "", leave: "" } as const;

/** How long to drop typed or pasted input at most: until nothing comes, which a held key would delay. */
const DROPPED_FOR_MS = 2_000;

/**
 * The person's terminal, opened at the first use.
 *
 * A process in the background of its terminal (`aws-vault … &`, or under `timeout`) has no terminal to ask
 * at: reading would stop it, silently and forever if no shell watches the job.
 */
export function openTerminal(): Required<Terminal> {
  return new SystemTerminal(() => {
    if (Deno.build.os === "windows") return openWindowsTty();
    // Ctrl-\ would write what was typed into a core dump.
    guardMemory();
    const libc = openLibc();
    return libc && openPosixTty(libc);
  });
}

class SystemTerminal implements Terminal {
  readonly #open: () => Tty | undefined;
  #tty: Tty | undefined;
  /** Input typed or pasted after the end of the last line. */
  #ahead = "";
  #hasAsked = false;
  /** The number of questions that wait for an answer. */
  #asking = 0;
  #busy: Promise<unknown> = Promise.resolve();

  constructor(open: () => Tty | undefined) {
    this.#open = open;
  }

  isAvailable(): Promise<boolean> {
    this.#tty ??= this.#open();
    return Promise.resolve(this.#tty?.readiness() === "ready");
  }

  write(line: string): Promise<void> {
    this.#tty ??= this.#open();
    this.#tty?.write(escapeControls(line.replace(/\n$/, "")) + "\n");
    return Promise.resolve();
  }

  /** Asks one question at a time: a second one waits until the first is answered. */
  ask(question: string, options: AskOptions = {}): Promise<Secret> {
    this.#asking++;
    const answer = this.#busy.then(() => this.#askNow(question, options))
      .finally(() => this.#asking--);
    this.#busy = answer.catch(() => {});
    return answer;
  }

  oldReading(line: Secret): Promise<Secret> {
    return Promise.resolve(new Secret(this.#tty?.oldReading?.(line.reveal()) ?? line.reveal()));
  }

  /** Later questions wait for this; it does not wait for a question that may never be answered. */
  dropTyped(): Promise<void> {
    if (this.#asking > 0) return Promise.resolve();
    const dropped = this.#busy.then(() => this.#dropNow());
    this.#busy = dropped.catch(() => {});
    return dropped;
  }

  interact<T>(dialog: Dialog<T>): Promise<T> {
    this.#asking++;
    const result = this.#busy.then(() => this.#interactNow(dialog)).finally(() => this.#asking--);
    this.#busy = result.catch(() => {});
    return result;
  }

  async #interactNow<T>(dialog: Dialog<T>): Promise<T> {
    this.#tty ??= this.#open();
    const tty = ready(this.#tty);
    await untilTaken(tty, new Deadline({}));
    this.#hasAsked = true;
    const { enter, leave } = dialog.isSecret ? OWN_SCREEN : NO_SCREEN;
    const interruption = new Interruption(tty, leave);
    const screen = new DialogScreen(tty);
    try {
      tty.enterRaw();
      tty.write(enter);
      return await this.#drive(tty, dialog, screen, interruption);
    } finally {
      screen.erase();
      tty.write(leave);
      tty.restore();
      interruption.stop();
    }
  }

  async #drive<T>(
    tty: Tty,
    dialog: Dialog<T>,
    screen: DialogScreen,
    interruption: Interruption,
  ): Promise<T> {
    const decoder = new TextDecoder();
    for (;;) {
      screen.draw(dialog.render(terminalSize()));
      const typed = decoder.decode(await tty.read(), { stream: true });
      const keys = parseKeys(typed);
      for (const [i, key] of keys.entries()) {
        if (key === "interrupt") throw interrupted();
        if (key === "quit") await interruption.quit();
        if (key === "suspend") {
          screen.erase();
          tty.write(interruption.leave);
          await this.#suspend(tty, new Deadline({}));
          if (dialog.isSecret) tty.write(OWN_SCREEN.enter);
          screen.draw(dialog.render(terminalSize()));
          continue;
        }
        const end = dialog.onKey(key);
        if (end === undefined) continue;
        // Input pasted after it must not become an answer.
        if (i < keys.length - 1) this.#ahead = "";
        return end.result;
      }
      interruption.check();
      ready(tty);
      tty.enterRaw();
    }
  }

  /**
   * The rest of a paste may still be arriving, which tcflush(3) would miss. So this reads without echo
   * until a read finds nothing within its wait.
   */
  async #dropNow(): Promise<void> {
    this.#ahead = "";
    const tty = this.#tty;
    if (!this.#hasAsked || tty?.readiness() !== "ready" || !tty.take()) return;
    const interruption = new Interruption(tty);
    const start = performance.now();
    try {
      tty.enterRaw();
      while (performance.now() - start < DROPPED_FOR_MS && (await tty.read()).length > 0);
    } finally {
      tty.restore();
      interruption.stop();
    }
  }

  async #askNow(question: string, options: AskOptions): Promise<Secret> {
    this.#tty ??= this.#open();
    const tty = ready(this.#tty);
    const deadline = new Deadline(options);
    await untilTaken(tty, deadline);
    this.#hasAsked = true;
    const interruption = new Interruption(tty);
    try {
      tty.enterRaw();
      tty.write(escapeControls(question));
      return await this.#readLine(tty, question, options, deadline, interruption);
    } finally {
      tty.restore();
      interruption.stop();
    }
  }

  async #readLine(
    tty: Tty,
    question: string,
    options: AskOptions,
    deadline: Deadline,
    interruption: Interruption,
  ): Promise<Secret> {
    const editor = new LineEditor({ hidden: options.hidden === true });
    const decoder = new TextDecoder();
    let typed = this.#ahead;
    this.#ahead = "";
    for (;;) {
      const { echo, rest } = editor.feed(typed);
      if (echo !== "") tty.write(echo);
      if (editor.state === "interrupted") throw interrupted();
      if (editor.state === "quit") await interruption.quit();
      if (editor.state === "suspended") {
        tty.write("\n");
        await this.#suspend(tty, deadline);
        tty.write(escapeControls(question) + editor.resume());
        typed = rest;
        continue;
      }
      if (editor.state === "done") {
        this.#ahead = rest;
        return new Secret(editor.line);
      }
      if (typed !== "") deadline.noteTyped();
      this.#check(tty, deadline, interruption);
      typed = decoder.decode(await tty.read(), { stream: true });
    }
  }

  /**
   * Stops this job as Ctrl-Z does, with the terminal restored, and takes the terminal again when the job
   * continues. Throws `needs-person` if it continues in the background.
   */
  async #suspend(tty: Tty, deadline: Deadline): Promise<void> {
    if (Deno.build.os === "windows") return;
    tty.restore();
    stopJob();
    ready(tty);
    await untilTaken(tty, deadline);
    tty.enterRaw();
  }

  #check(tty: Tty, deadline: Deadline, interruption: Interruption): void {
    try {
      interruption.check();
      deadline.check();
      ready(tty);
    } catch (error) {
      tty.write("\n");
      throw error;
    }
    // Another process may have restored the settings that it found, and with them the echo.
    tty.enterRaw();
  }
}

/**
 * Handles signals while the terminal is in raw mode, so that no exit of the program leaves it raw.
 *
 * SIGINT ends the question as Ctrl-C does. All others end the process as they normally do, Ctrl-\ by
 * SIGQUIT.
 */
class Interruption {
  readonly #tty: Tty;
  readonly #stop: () => void;
  readonly #unload: () => void;
  #interrupted = false;

  /** The output that removes a shown dialog if the process ends in the meantime. */
  readonly leave: string;

  constructor(tty: Tty, leave = "") {
    this.#tty = tty;
    this.leave = leave;
    this.#stop = listen(DEADLY.map((signal) => [
      signal,
      signal === "SIGINT" ? () => void (this.#interrupted = true) : () => this.#end(signal),
    ]));
    this.#unload = () => tty.restore();
    globalThis.addEventListener("unload", this.#unload);
  }

  check(): void {
    if (this.#interrupted) throw interrupted();
  }

  /** Ends the process by SIGQUIT and does not return; throws `interrupted` on Windows, which has none. */
  async quit(): Promise<void> {
    if (Deno.build.os === "windows") throw interrupted();
    this.#tty.write("\n");
    this.#end("SIGQUIT");
    await new Promise(() => {});
  }

  #end(signal: Deno.Signal): void {
    this.#tty.write(this.leave);
    this.#tty.restore();
    this.stop();
    endBy(signal);
  }

  stop(): void {
    this.#stop();
    globalThis.removeEventListener("unload", this.#unload);
  }
}

function interrupted(): VaultError {
  return new VaultError("interrupted", "Interrupted");
}
