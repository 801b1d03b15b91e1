/** Runs a command under strace, and gives what it and everything it started did with texts. */

/** What was seen; each entry is strace's line. */
export interface Trace {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Every program that was started, with all its arguments and its whole environment, in order. */
  readonly started: readonly string[];
  /** Every write into a file, with what was written. */
  readonly written: readonly string[];
  /** The paths of all files that were opened for writing. */
  readonly opened: readonly string[];
}

const CALLS = "execve,execveat,open,openat,openat2,creat,write,pwrite64,writev,pwritev,pwritev2";
/** So much of a text is shown; longer than anything that is written here in one call. */
const LONGEST_TEXT = 200_000;

/** Traces a command to its end; `env` is its whole environment. */
export async function trace(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Trace> {
  const log = await Deno.makeTempFile({ prefix: "aws-vault-strace-" });
  try {
    const flags = [
      "-f",
      "--seccomp-bpf",
      "-qq",
      "-v",
      "-y",
      `-s${LONGEST_TEXT}`,
      `-etrace=${CALLS}`,
      `-o${log}`,
    ];
    const { code, stdout, stderr } = await new Deno.Command("strace", {
      args: [...flags, "--", ...words],
      env: { ...env },
      clearEnv: true,
      cwd,
      stdin: "null",
      detached: true,
    }).output();
    const lines = (await Deno.readTextFile(log)).split("\n");
    const decoder = new TextDecoder();
    return {
      code,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
      started: lines.filter((line) => /^\d+ +execve(at)?\(/.test(line)),
      // Of `/dev` only what is a folder of files in memory.
      written: lines.filter((line) =>
        /^\d+ +p?writev?(64|2)?\(\d+<\/(?!dev\/(?!shm\/))/.test(line)
      ),
      opened: lines.flatMap(openedForWriting),
    };
  } finally {
    await Deno.remove(log);
  }
}

/** `openat(AT_FDCWD</folder>, "path", O_WRONLY|…)`. */
function openedForWriting(line: string): string[] {
  if (!/O_WRONLY|O_RDWR|creat\(/.test(line)) return [];
  const match = /(?:<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/.exec(line);
  if (match === null) return [];
  const [, folder = "", path = ""] = match;
  return [path.startsWith("/") ? path : `${folder}/${path}`];
}
