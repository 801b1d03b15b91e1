import { openLibc, rawCString, X_OK } from "./ffi/libc.ts";
import { executablePath } from "./executable.ts";
import { readEnvironment } from "./process_environment.ts";

/** The variables that say where programs are: `PATH` and `PATHEXT`. */
type PathEnv = Readonly<Record<string, string | undefined>>;

/**
 * The path of a program as execvp(3) finds it, or `undefined` if there is none.
 *
 * A name with a slash is taken as it is. Folders and files that are not executable are skipped. An empty
 * part of `PATH` would mean the current folder and is skipped too: anyone who can write there could
 * put a program of that name there. On Windows the extensions of `PATHEXT` are tried.
 */
export function findProgram(name: string, env: PathEnv = readEnvironment()): string | undefined {
  const windows = Deno.build.os === "windows";
  if (name === "") return undefined;
  if (name.includes("/") || (windows && /[\\:]/.test(name))) {
    return windows ? withExtension(name, env) ?? existing(name) : existing(name);
  }
  for (const folder of folders(env, windows)) {
    const candidate = folder + (windows ? "\\" : "/") + name;
    const found = windows
      ? withExtension(candidate, env)
      : isExecutable(candidate)
      ? candidate
      : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Whether a program's file is that of this process, symbolic links followed. Compares files, not names:
 * any script may be called `aws-vault`. Always false when Deno runs the sources, since otherwise Deno and
 * every program for it would match.
 */
export function isThisProgram(
  path: string,
  { standalone, executable } = {
    standalone: Deno.build.standalone,
    executable: executablePath() ?? "",
  },
): boolean {
  try {
    return standalone && Deno.realPathSync(path) === Deno.realPathSync(executable);
  } catch {
    return false;
  }
}

function folders(env: PathEnv, windows: boolean): string[] {
  const path = (windows ? variable(env, "PATH") : env["PATH"]) ?? (windows ? "" : "/usr/bin:/bin");
  return path.split(windows ? ";" : ":").filter((folder) => folder !== "");
}

/** Tries the extensions; like cmd.exe, a name that already has one is first tried as it is. */
function withExtension(path: string, env: PathEnv): string | undefined {
  const extensions = (variable(env, "PATHEXT") ?? ".COM;.EXE;.BAT;.CMD").split(";").filter(Boolean);
  const lower = path.toLowerCase();
  const has = extensions.some((extension) => lower.endsWith(extension.toLowerCase()));
  return [...(has ? [""] : []), ...extensions].map((extension) => path + extension).find(isFile);
}

/** Reads a variable; Windows does not distinguish `Path` from `PATH`. */
function variable(env: PathEnv, name: string): string | undefined {
  return env[name] ?? Object.entries(env).find(([key]) => key.toUpperCase() === name)?.[1];
}

function existing(path: string): string | undefined {
  return info(path) ? path : undefined;
}

function isExecutable(path: string): boolean {
  // The runtime cannot express such a path; execve then reports what is wrong with the file.
  if (!path.isWellFormed()) return openLibc()?.calls.access(rawCString(path), X_OK) === 0;
  const found = info(path);
  return found !== undefined && found.isFile && ((found.mode ?? 0) & 0o111) !== 0;
}

function isFile(path: string): boolean {
  return info(path)?.isFile === true;
}

function info(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}
