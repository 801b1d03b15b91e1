/**
 * The address of EC2's instance metadata service on the loopback interface of this machine, as long as a
 * program needs it.
 */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";

/** The address that every SDK uses (EC2 User Guide, "Instance metadata and user data"). */
export const ADDRESS = "169.254.169.254";

/**
 * How long Linux keeps the address after the last renewal: it disappears even if everything that would remove
 * it was killed. macOS has no such thing; there, the next proxy adds the address again and removes it.
 */
const LIFETIME_SECONDS = 20;

/** A program that hangs for a while must not lose the address. */
const RENEW_MS = 5_000;

const LIFETIME = ["valid_lft", `${LIFETIME_SECONDS}`, "preferred_lft", `${LIFETIME_SECONDS}`];
const PLACE = [`${ADDRESS}/32`, "dev", "lo"];

/** The commands that handle the address on one system. */
interface Calls {
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** Adds it, or extends its lifetime. */
  readonly renew?: readonly string[];
  /** Prints its lifetime. */
  readonly show?: readonly string[];
}

const CALLS: Readonly<Record<string, Calls>> = {
  linux: {
    add: ["ip", "address", "add", ...PLACE, ...LIFETIME],
    remove: ["ip", "address", "del", ...PLACE],
    renew: ["ip", "address", "replace", ...PLACE, ...LIFETIME],
    show: ["ip", "-oneline", "address", "show", "dev", "lo", "to", `${ADDRESS}/32`],
  },
  darwin: {
    add: ["/sbin/ifconfig", "lo0", "alias", ADDRESS, "255.255.255.255"],
    remove: ["/sbin/ifconfig", "lo0", "-alias", ADDRESS],
  },
};

/** The folders of the administrator's programs; never the caller's `PATH`. */
const PATH = "/usr/sbin:/sbin:/usr/bin:/bin";

/**
 * The address, until {@linkcode LoopbackAddress.remove}. A separate process removes it when the pipe to that
 * process closes, in whatever way this process ends; the kernel removes it if both were killed.
 */
export class LoopbackAddress {
  readonly #calls: Calls;
  readonly #watcher: Deno.ChildProcess;
  /** Somebody else's address is neither renewed nor removed. */
  #isOurs = true;
  #timer: ReturnType<typeof setInterval> | undefined;
  #renewal: Promise<unknown> = Promise.resolve();

  private constructor(calls: Calls) {
    this.#calls = calls;
    this.#watcher = watch(calls.remove);
  }

  /** Adds the address, unless it is there. Throws `unsupported` on a system without a way to do so. */
  static async add(): Promise<LoopbackAddress> {
    const calls = CALLS[Deno.build.os];
    if (calls === undefined) {
      throw new VaultError("unsupported", `Cannot serve at ${quote(ADDRESS)} on this system`, {
        hints: ["Use --imds-port 0, or --server"],
      });
    }
    // The watcher starts first, so that an end between the two steps leaves nothing behind.
    const address = new LoopbackAddress(calls);
    const { success, stderr } = await run(calls.add);
    if (success) address.#keep();
    else await address.#acceptExisting(stderr);
    return address;
  }

  /** Removes the address if it is ours. */
  async remove(): Promise<void> {
    clearInterval(this.#timer);
    if (!this.#isOurs) return;
    await this.#renewal;
    const isRemoved = await this.#endWatcher("");
    // The process that removes it was killed.
    if (!isRemoved) await run(this.#calls.remove);
  }

  async #acceptExisting(stderr: string): Promise<void> {
    if (!/exists|already assigned/.test(stderr)) {
      await this.#disown();
      throw new VaultError(
        "conflict",
        `Cannot add the address ${quote(ADDRESS)}: ${stderr.trim()}`,
      );
    }
    if (await this.#hasLifetime()) this.#keep();
    else await this.#disown();
  }

  /** Whether an existing address is one that a killed proxy left, and not one that somebody else needs. */
  async #hasLifetime(): Promise<boolean> {
    const { show } = this.#calls;
    if (show === undefined) return false;
    const { stdout } = await run(show);
    return /\bvalid_lft \d+sec\b/.test(stdout);
  }

  async #disown(): Promise<void> {
    this.#isOurs = false;
    await this.#endWatcher("keep\n");
  }

  #keep(): void {
    const { renew } = this.#calls;
    if (renew === undefined) return;
    const extend = () => this.#renewal = run(renew).catch(() => {});
    extend();
    this.#timer = setInterval(extend, RENEW_MS);
  }

  async #endWatcher(word: string): Promise<boolean> {
    const writer = this.#watcher.stdin.getWriter();
    if (word !== "") await writer.write(new TextEncoder().encode(word)).catch(() => {});
    await writer.close().catch(() => {});
    return (await this.#watcher.status).success;
  }
}

/** Starts the watcher outside this process's group, so that a kill of the group does not reach it. */
function watch(remove: readonly string[]): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", {
    args: ["-c", 'read word; [ "$word" = keep ] || exec "$@"', "sh", ...remove],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    clearEnv: true,
    env: { PATH },
    cwd: "/",
    detached: true,
  }).spawn();
}

async function run([program = "", ...args]: readonly string[]) {
  const options = { args, stdin: "null", clearEnv: true, env: { PATH }, cwd: "/" } as const;
  const path = program.includes("/") ? program : findIn(program);
  const { success, stdout, stderr } = await new Deno.Command(path, options).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function findIn(program: string): string {
  for (const folder of PATH.split(":")) {
    try {
      if (Deno.statSync(`${folder}/${program}`).isFile) return `${folder}/${program}`;
    } catch {
      // The program is not in this folder.
    }
  }
  throw new VaultError("unsupported", `Cannot find the program ${quote(program)} (iproute2)`);
}
