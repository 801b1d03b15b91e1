import { ProgramFailure } from "../host.ts";
import { quote } from "../text.ts";

/** The failure of a program that Deno could not start or whose file could not be examined. */
export function startFailure(path: string, error: unknown): ProgramFailure {
  const message = `Cannot start ${quote(path)}`;
  const options = { cause: error };
  // Windows calls that "access denied".
  if (isFolder(path)) {
    return new ProgramFailure("not-executable", `${message}: it is a folder`, options);
  }
  if (error instanceof Deno.errors.NotFound) {
    return new ProgramFailure("not-found", `${message}: it does not exist`, options);
  }
  // What Deno says on Windows about a file without an extension of programs.
  if (systemsWords(error) === "File not found") {
    return new ProgramFailure("not-executable", `${message}: it is not a program`, options);
  }
  const denied = error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotCapable;
  if (denied) {
    return new ProgramFailure("not-executable", `${message}: it is not executable`, options);
  }
  // ENOEXEC, ERROR_BAD_EXE_FORMAT: Deno has no error class for them.
  if (error instanceof Error && /os error (8|193)\b/.test(error.message)) {
    return new ProgramFailure("not-executable", `${message}: it is not a program`, options);
  }
  return new ProgramFailure("other", `${message}: ${systemsWords(error)}`, options);
}

/** What the system says, without what Deno puts before it. */
function systemsWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^Failed to spawn '.*': /s, "");
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
