/** Ends a helper if this program is killed by SIGKILL, which the program itself cannot catch (Linux). */

import { HELPER_MARK } from "../helper_environment.ts";
import { openLibc } from "./ffi/libc.ts";
import { readEnvironment, wellFormed } from "./process_environment.ts";

/**
 * Waits until its standard input closes, which means that we have ended. Then it ends the processes that have
 * the mark (1) in their environment and are in our process group (2): by SIGTERM, and after a second by
 * SIGKILL. The group is the third field after the name in proc_pid_stat(5).
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

/** The watcher runs in a separate POSIX session, so that it outlives a kill of our whole group. */
export class EndWatch implements AsyncDisposable {
  readonly #watcher: Deno.ChildProcess | undefined;

  /** `mark`: in the environment of the helper, which is started afterwards. */
  constructor(mark: string) {
    const group = Deno.build.os === "linux" ? openLibc()?.calls.getpgrp() : undefined;
    if (group !== undefined) this.#watcher = start([`${HELPER_MARK}=${mark}`, `${group}`]);
  }

  /** Stops the watcher: the helper has ended, so nothing is left to end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#watcher === undefined) return;
    try {
      this.#watcher.kill("SIGKILL");
    } catch {
      // Somebody else has ended it.
    }
    await this.#watcher.stdin.abort().catch(() => {});
    await this.#watcher.status;
  }
}

/** Starts the watcher; `undefined` without a shell: then a helper outlives a killed program. */
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
