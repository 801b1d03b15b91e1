import { runs } from "../services.ts";
import { programOutput } from "./program_output.ts";

/** A GnuPG of a test's own, with one key, and a password store for it. */
export interface GpgHome extends AsyncDisposable {
  /** The whole environment for `pass` and `gpg`. */
  readonly env: Readonly<Record<string, string>>;
  /** The password store. */
  readonly store: string;
  /** An environment in which the secret key is missing. */
  readonly envWithoutKey: Readonly<Record<string, string>>;
  /** Runs gpg, pass or git here, and gives its standard output. */
  run(command: string, args: readonly string[], stdin?: string): Promise<string>;
  /** Makes gpg-agent forget the passphrases that it knows. */
  forgetPassphrases(): Promise<void>;
}

/** Ends gpg-agent, and waits until it has: `gpgconf` does not wait for its socket to go. */
const FORGET = `socket=$(gpgconf --list-dirs agent-socket)
gpgconf --kill gpg-agent
while [ -e "$socket" ]; do sleep 0.02; done`;

export const PASS_INSTALL = "Debian: pass, gnupg";

/** Whether `pass` can be run here, for `requireService`. */
export function hasPass(): boolean {
  return runs("pass", "version") && runs("gpg", "--version");
}

/** The folder for temporary files, where its path leaves room for another. */
function shortFolder(): string {
  const usual = Deno.env.get("TMPDIR") ?? "/tmp";
  return usual.length < 40 ? usual : "/tmp";
}

/** Makes a key, with an empty passphrase unless one is given, and a store. */
export async function makeGpgHome(options: { passphrase?: string } = {}): Promise<GpgHome> {
  // gpg-agent's sockets are in it, and their paths must not be longer than 107 bytes.
  const folder = await Deno.makeTempDir({ dir: shortFolder(), prefix: "avg-" });
  const [home, other, store] = ["gnupg", "other", "store"].map((name) => `${folder}/${name}`) as [
    string,
    string,
    string,
  ];
  await Deno.mkdir(home, { mode: 0o700 });
  await Deno.mkdir(other, { mode: 0o700 });
  const env = {
    PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
    HOME: folder,
    LANG: "C.UTF-8",
    GNUPGHOME: home,
    PASSWORD_STORE_DIR: store,
  };
  const envWithoutKey = { ...env, GNUPGHOME: other };
  const run = (command: string, args: readonly string[], stdin = "") =>
    programOutput(command, args, { env, stdin, clearEnv: true });
  const flags = ["--batch", "--quiet", "--pinentry-mode=loopback", "--passphrase-fd=0"];
  const key = ["--quick-gen-key", "test@example.com", "future-default", "default", "never"];
  await run("gpg", [...flags, ...key], options.passphrase ?? "");
  await run("pass", ["init", "test@example.com"]);
  return {
    env,
    envWithoutKey,
    store,
    run,
    forgetPassphrases: async () => void await run("sh", ["-c", FORGET]),
    async [Symbol.asyncDispose]() {
      for (const one of [env, envWithoutKey]) {
        await programOutput("gpgconf", ["--kill", "all"], { env: one, clearEnv: true });
      }
      await Deno.remove(folder, { recursive: true });
    },
  };
}
