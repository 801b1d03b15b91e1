/** How a line of a story is run: by which shell, or by none. */

import { splitCommand } from "../../src/split_command.ts";
import { programWords } from "../process/launch.ts";

/** The shells of stories; `sh` where a story names none. */
export type ShellName = "sh" | "cmd" | "powershell";

/** A program with its arguments, and variables for it alone. */
export interface Started {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The arguments stand as they are: `cmd` has rules of its own. */
  readonly isRaw?: boolean;
}

/** By its path: the `PATH` of stories does not lead to it. */
const POWERSHELL = `${
  Deno.env.get("SystemRoot")
}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`;

const WINDOWS = Deno.build.os === "windows";

/**
 * How a line is started. Where there is no POSIX shell, a line for `sh` is one that means the same
 * without a shell ({@linkcode isPlain}).
 */
export function startOf(shell: ShellName, line: string): Started {
  if (shell === "cmd") {
    return { program: "cmd.exe", args: ["/d", "/s", "/c", `"${line}"`], env: {}, isRaw: true };
  }
  if (shell === "powershell") {
    // Its progress bars would be on standard error.
    const script = `$ProgressPreference = 'SilentlyContinue'; ${line}`;
    const encoded = new Uint8Array(Uint16Array.from(script, (unit) => unit.charCodeAt(0)).buffer);
    const flags = ["-NoProfile", "-NonInteractive", "-OutputFormat", "Text", "-EncodedCommand"];
    return { program: POWERSHELL, args: [...flags, encoded.toBase64()], env: {} };
  }
  return WINDOWS ? startPlain(line) : { program: "/bin/sh", args: ["-c", line], env: {} };
}

/** Words and quotations of one program, assignments before it, and nothing that a shell is needed for. */
const WORD = /(?:[\w@%+=:,./{}-]|'[^']*'|"[^"$`\\]*")+/.source;
const PLAIN = new RegExp(`^(?:\\w+=${WORD} )*aws-vault(?: ${WORD})*$`);

/** Children that are the same on Windows: `true` and `false` are in the stage's own folder there. */
const SAME_CHILD = / -- (?:true|false|aws-vault|no-such-\S*)(?: |$)/;

/** Children of a POSIX shell, and what does the same in `cmd`. */
const CHILDREN: readonly (readonly [pattern: RegExp, inCmd: string])[] = [
  [/^echo \$(\w+)$/, "echo %$1%"],
  [/^exit (\d+)$/, "exit $1"],
];

const SHELL_CHILD = / -- sh -c '([^']*)'$/;

function childInCmd(script: string): string | undefined {
  const [pattern, inCmd] = CHILDREN.find(([pattern]) => pattern.test(script)) ?? [];
  return pattern && inCmd && script.replace(pattern, inCmd);
}

/** Whether a line means the same on Windows as it does to a POSIX shell. */
export function isPlain(line: string): boolean {
  const filled = line.replace(/\{(?:key|secret|token) [^}]*\}/g, "x");
  const [, script] = SHELL_CHILD.exec(filled) ?? [];
  const isSame = script === undefined
    ? !filled.includes(" -- ") || SAME_CHILD.test(filled)
    : childInCmd(script) !== undefined;
  const own = filled.replace(SHELL_CHILD, "");
  return isSame && PLAIN.test(own) && !/\/bin\/|\/dev\/|\/tmp|\bsh\b/.test(own);
}

function startPlain(line: string): Started {
  const words = splitCommand(line, "linux");
  const at = words.indexOf("aws-vault");
  const [program = "", ...before] = programWords();
  const env = words.slice(0, at).map((word) => {
    const equals = word.indexOf("=");
    return [word.slice(0, equals), word.slice(equals + 1)] as const;
  });
  const script = SHELL_CHILD.exec(line)?.[1];
  const given = words.slice(at + 1);
  const args = script === undefined
    ? given
    : [...given.slice(0, -3), "cmd", "/d", "/c", childInCmd(script) ?? script];
  return { program, args: [...before, ...args], env: Object.fromEntries(env) };
}

/** Whether a shell is on this machine. */
export function hasShell(shell: ShellName): boolean {
  if (shell === "sh") return !WINDOWS;
  if (!WINDOWS) return false;
  // Wine has a program of that name that does nothing.
  return shell === "cmd" || endsWith(42, POWERSHELL, "-NoProfile", "-Command", "exit 42");
}

function endsWith(expected: number, command: string, ...args: string[]): boolean {
  try {
    const options = { args, stdin: "null", stdout: "null", stderr: "null" } as const;
    return new Deno.Command(command, options).outputSync().code === expected;
  } catch {
    return false;
  }
}
