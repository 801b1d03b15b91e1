/** Somebody who uses the program while others put things in its way. */

import { launch } from "../process/launch.ts";
import { writeProgram } from "../services/write_program.ts";

export const SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
export const KEY_ID = "AKIAIOSFODNN7EXAMPLE";

/** A guard against a program that hangs, not a measure of anything. */
const HANG_MS = 60_000;

/** What a command left. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A home folder of a test's own, and the program run in it. */
export class Victim implements Disposable {
  readonly home = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "hostile-" }));
  readonly env: Record<string, string>;

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.env = {
      AWS_VAULT_BACKEND: "file",
      AWS_VAULT_FILE_PASSPHRASE: "correct horse",
      AWS_VAULT_FILE_UNLOCK_TTL: "0",
      AWS_ACCESS_KEY_ID: KEY_ID,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_REGION: "us-east-1",
      HOME: this.home,
      ...env,
    };
  }

  get state(): string {
    return `${this.home}/.awsvault/state`;
  }

  /** Runs a command; the home folder stands as `~` in what it says. */
  async run(...args: string[]): Promise<Finished> {
    const launched = launch(args, this.env);
    const guard = setTimeout(() => launched.kill("SIGKILL"), HANG_MS);
    const { code, stdout, stderr } = await launched.finished;
    clearTimeout(guard);
    return { code, stdout, stderr: stderr.replaceAll(this.home, "~") };
  }

  async add(profile: string): Promise<Finished> {
    return await this.run("add", "--env", "--force", profile);
  }

  write(path: string, text: string, mode = 0o600): string {
    const full = `${this.home}/${path}`;
    Deno.mkdirSync(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    if (mode & 0o111) writeProgram(full, text, mode);
    else Deno.writeTextFileSync(full, text, { mode });
    return full;
  }

  read(path: string): string {
    return Deno.readTextFileSync(`${this.home}/${path}`);
  }

  names(path: string): string[] {
    return [...Deno.readDirSync(`${this.home}/${path}`)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.home, { recursive: true });
  }
}
