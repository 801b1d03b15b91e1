/** Ends a helper whose program is killed by SIGKILL, which nothing in it can notice (Linux). */

import { HELPER_MARK } from "../helper_environment.ts";
import { openLibc } from "./ffi/libc.ts";
import { readEnvironment, wellFormed } from "./process_environment.ts";

/**
 * Waits for the end of its standard input, which is ours. Then it ends what has the mark (1) in its environment
 * and is in our process group (2): by SIGTERM, and after a second by SIGKILL. The group is the third field
 * after the name in proc_pid_stat(5).
 */
const SCRIPT = `
read -r _
end() {
  for found in $(grep -lF "$2" /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${found#/proc/} pid=\${pid%/environ}
    read -r stat 2>/dev/null <"/proc/$pid/stat" || continue
    set -- "$1" "$2" "$3" \${stat##*) }
    [ "$6" = "$3" ] && kill -s "$1" "$pid" 2>/dev/null && ended=1
  done
}
end TERM "$1" "$2"
[ -z "$ended" ] && exit
sleep 1
end KILL "$1" "$2"
`;

/** What watches is in a session of its own: it outlives us, whatever ends our whole group. */
export class EndWatch implements AsyncDisposable {
  readonly #watcher: Deno.ChildProcess | undefined;

  /** `mark`: what the helper, which is started afterwards, has in its environment. */
  constructor(mark: string) {
    const group = Deno.build.os === "linux" ? openLibc()?.calls.getpgrp() : undefined;
    if (group !== undefined) this.#watcher = start([`${HELPER_MARK}=${mark}`, `${group}`]);
  }

  /** The helper has ended: nobody is to be ended any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#watcher === undefined) return;
    try {
      this.#watcher.kill("SIGKILL");
    } catch {
      // It was ended by somebody else.
    }
    await this.#watcher.stdin.abort().catch(() => {});
    await this.#watcher.status;
  }
}

/** `undefined` where there is no shell: then a helper outlives a killed program. */
function start(args: readonly string[]): Deno.ChildProcess | undefined {
  const { PATH = "/usr/bin:/bin" } = readEnvironment();
  try {
    return new Deno.Command("/bin/sh", {
      args: ["-c", SCRIPT, "sh", ...args],
      env: wellFormed({ PATH }),
      clearEnv: true,
      cwd: "/",
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
  } catch {
    return undefined;
  }
}
