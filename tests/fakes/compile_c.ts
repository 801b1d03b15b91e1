import assert from "node:assert/strict";
import { requireService, runs } from "../services.ts";

/** For a suite with stand-ins written in C. */
export function requireCompiler(): { ignore: boolean } {
  return requireService("a C compiler", runs("gcc", "--version"), "Debian: gcc and libc6-dev");
}

/** Compiles C sources of `tests/fakes` to a library or a program, with every warning an error. */
export async function compileC(
  kind: "library" | "program",
  sources: readonly string[],
  output: string,
): Promise<void> {
  const folder = new URL(".", import.meta.url).pathname;
  const { success, stderr } = await new Deno.Command("gcc", {
    args: [
      ...["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-multichar"],
      ...(kind === "library" ? ["-fPIC", "-shared"] : []),
      ...["-o", output],
      ...sources.map((source) => folder + source),
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}
