import { executablePath } from "./executable.ts";

/** The words that start this program again, by its absolute path, without its arguments. */
export function ownProgram(): string[] {
  const executable = executablePath() ?? Deno.execPath();
  if (Deno.build.standalone) return [executable];
  if (Deno.build.os !== "linux") return [executable, "run", "-A", "--no-prompt", Deno.mainModule];
  const words = Deno.readTextFileSync("/proc/self/cmdline").split("\0").slice(0, -1);
  return [executable, ...words.slice(1, words.length - Deno.args.length)];
}
