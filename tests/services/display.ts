import { firstLine } from "./program_output.ts";
import { end } from "./session_bus.ts";

/** An X display without a screen, on which dialogs can be answered. */
export interface TestDisplay extends AsyncDisposable {
  /** `DISPLAY` for programs. */
  readonly name: string;
  /** Waits for a visible window whose class matches, and types keys into it (names of xdotool). */
  press(windowClass: string, keys: readonly string[]): Promise<void>;
  /** Waits for a visible window whose class matches, and types a text into it. */
  type(windowClass: string, text: string): Promise<void>;
  /** The same with a window whose title matches. */
  pressIn(title: string, keys: readonly string[]): Promise<void>;
  typeInto(title: string, text: string): Promise<void>;
  /** Waits until no window of a class is visible. */
  untilGone(windowClass: string): Promise<void>;
  /** The titles of the visible windows of a class. */
  windows(windowClass: string): Promise<string[]>;
}

/** Starts Xvfb on a display number that it chooses itself. */
export async function startDisplay(): Promise<TestDisplay> {
  const server = new Deno.Command("Xvfb", {
    args: ["-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp", "-noreset"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const name = `:${await firstLine(server.stdout)}`;
  return {
    name,
    press: (windowClass, keys) => drive(name, ["--class", windowClass], press(keys)),
    type: (windowClass, text) => drive(name, ["--class", windowClass], type(text)),
    pressIn: (title, keys) => drive(name, ["--name", title], press(keys)),
    typeInto: (title, text) => drive(name, ["--name", title], type(text)),
    untilGone: (windowClass) => untilGone(name, windowClass),
    windows: (windowClass) => titles(name, windowClass),
    [Symbol.asyncDispose]: () => end(server),
  };
}

const press = (keys: readonly string[]) => ["key", "--clearmodifiers", ...keys];
const type = (text: string) => ["type", "--delay", "5", text];

/** There is no window manager, so the window is given the keyboard by hand. */
async function drive(display: string, window: readonly string[], action: string[]): Promise<void> {
  const search = ["search", "--sync", "--onlyvisible", "--limit", "1", ...window];
  await xdotool(display, [...search, "windowfocus", "--sync"]);
  // By itself: with a window given, the release of a key would go to one that the key has closed.
  await xdotool(display, action);
}

/** `xdotool` waits for windows only, so it looks again until it finds none. */
async function untilGone(display: string, windowClass: string): Promise<void> {
  const script = 'while xdotool search --onlyvisible --class "$1" >/dev/null; do sleep 0.02; done';
  const command = new Deno.Command("sh", {
    args: ["-c", script, "sh", windowClass],
    env: { DISPLAY: display },
    signal: AbortSignal.timeout(20_000),
  });
  const { success } = await command.output();
  if (!success) throw new Error(`a window of ${windowClass} stays`);
}

async function titles(display: string, windowClass: string): Promise<string[]> {
  const search = ["search", "--onlyvisible", "--class", windowClass];
  const ids = (await xdotool(display, search)).split("\n").filter((id) => id !== "");
  const names = await Promise.all(ids.map((id) => xdotool(display, ["getwindowname", id])));
  return names.map((name) => name.trim()).filter((name) => name !== "").sort();
}

async function xdotool(display: string, args: string[]): Promise<string> {
  const command = new Deno.Command("xdotool", {
    args,
    env: { DISPLAY: display },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(20_000),
  });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(`xdotool failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
