import { end } from "./session_bus.ts";

/** An X display without a screen, on which dialogs can be answered. */
export interface TestDisplay extends AsyncDisposable {
  /** `DISPLAY` for programs. */
  readonly name: string;
  /** Waits for a visible window whose class matches, and types keys into it (names of xdotool). */
  press(windowClass: string, keys: readonly string[]): Promise<void>;
  /** Waits for a visible window whose class matches, and types a text into it. */
  type(windowClass: string, text: string): Promise<void>;
}

/** Starts Xvfb on a display number that it chooses itself. */
export async function startDisplay(): Promise<TestDisplay> {
  const server = new Deno.Command("Xvfb", {
    args: ["-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp", "-noreset"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let number = "";
  while (!number.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("Xvfb did not start");
    number += value;
  }
  await reader.cancel();
  const name = `:${number.trim()}`;
  return {
    name,
    press: (windowClass, keys) => drive(name, windowClass, ["key", "--clearmodifiers", ...keys]),
    type: (windowClass, text) => drive(name, windowClass, ["type", "--delay", "5", text]),
    [Symbol.asyncDispose]: () => end(server),
  };
}

/** There is no window manager, so the window is given the keyboard by hand. */
async function drive(display: string, windowClass: string, action: string[]): Promise<void> {
  const search = ["search", "--sync", "--onlyvisible", "--limit", "1", "--class", windowClass];
  await xdotool(display, [...search, "windowfocus", "--sync"]);
  // By itself: with a window given, the release of a key would go to one that the key has closed.
  await xdotool(display, action);
}

async function xdotool(display: string, args: string[]): Promise<void> {
  const command = new Deno.Command("xdotool", {
    args,
    env: { DISPLAY: display },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(20_000),
  });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(`xdotool failed: ${new TextDecoder().decode(stderr)}`);
}
