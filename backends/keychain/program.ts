/**
 * A keychain accessed with `/usr/bin/security`, where Security.framework cannot be loaded.
 *
 * Secret values go to it on standard input (`security -i`, one command per line), never as an argument,
 * which every user of the machine can read. With `-g` it prints a password on standard error, in the form
 * of `dump.ts`; `-w` would print some passwords as hexadecimal without an indication.
 *
 * It exits with the low byte of the OSStatus. Its limits are those of `security.c`: a line has less than
 * 4,096 bytes, so data can have some 1,900, and no argument can contain a line end.
 */

import { renderHelperEnvironment } from "../../src/helper_environment.ts";
import { type Host, ProgramFailure, type ProgramResult } from "../../src/host.ts";
import {
  type Keychain,
  type KeychainItemContent,
  type KeychainItemName,
  type KeychainOptions,
  NativeFailure,
} from "../../src/native.ts";
import type { Secret } from "../../src/secret.ts";
import { parseBytes } from "./dump.ts";

/** Not looked up in `PATH`: a program of the same name earlier in it would get every key. */
export const SECURITY_PROGRAM = "/usr/bin/security";

/** Leaves room for the line end. */
const LONGEST_LINE = 4_094;

/** The OSStatus that exit codes stand for, by their low byte. */
const EXIT_STATUS: Readonly<Record<number, readonly [status: number, symbol: string]>> = {
  24: [-25320, "errSecInDarkWake"],
  29: [-25315, "errSecInteractionRequired"],
  36: [-25308, "errSecInteractionNotAllowed"],
  44: [-25300, "errSecItemNotFound"],
  45: [-25299, "errSecDuplicateItem"],
  48: [-25296, "errSecDuplicateKeychain"],
  50: [-25294, "errSecNoSuchKeychain"],
  51: [-25293, "errSecAuthFailed"],
  128: [-128, "errSecUserCanceled"],
  206: [-50, "errSecParam"],
};
const ABSENT: readonly string[] = ["errSecItemNotFound", "errSecNoSuchKeychain"];

/** A keychain accessed with the program. Nothing is run before the first use. */
export class ProgramKeychain implements Keychain {
  readonly #host: Pick<Host, "env" | "programs" | "files">;
  readonly #program: string;
  readonly #path: string;
  readonly #options: KeychainOptions;

  constructor(
    host: Pick<Host, "env" | "programs" | "files">,
    program: string,
    path: string,
    options: KeychainOptions,
  ) {
    this.#host = host;
    this.#program = program;
    this.#path = path;
    this.#options = options;
  }

  state(): Promise<"missing" | "unknown"> {
    const isThere = this.#host.files.info(this.#path) !== undefined;
    return Promise.resolve(isThere ? "unknown" : "missing");
  }

  async create(password: Secret | undefined): Promise<void> {
    const how = password === undefined ? ["-P"] : ["-p", password.reveal()];
    await this.#command(["create-keychain", ...how, this.#path]);
  }

  async unlock(password: Secret): Promise<void> {
    await this.#command(["unlock-keychain", "-p", password.reveal(), this.#path]);
  }

  async has(name: KeychainItemName): Promise<boolean> {
    const result = await this.#run(["find-generic-password", ...nameArgs(name), this.#path]);
    return !this.#isAbsent(result);
  }

  async read(name: KeychainItemName): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#requireDialogs();
    const result = await this.#run(["find-generic-password", ...nameArgs(name), "-g", this.#path]);
    if (this.#isAbsent(result)) return undefined;
    const printed = /^password: (.*)$/m.exec(result.stderr)?.[1];
    const bytes = printed === undefined ? undefined : parseBytes(printed);
    if (bytes !== undefined) return bytes;
    throw new NativeFailure("unreadable", "the output of the program security cannot be parsed");
  }

  /**
   * `-T ""`: no program is trusted, so that macOS asks at each read. By default `security` itself would
   * be trusted, which any process can run.
   */
  async add(name: KeychainItemName, content: KeychainItemContent): Promise<void> {
    await this.#command([...addArgs(name, content), "-T", "", this.#path]);
  }

  async modify(name: KeychainItemName, content: KeychainItemContent): Promise<boolean> {
    // `-U` alone would add a missing item, with `security` trusted.
    if (!await this.has(name)) return false;
    await this.#command([...addArgs(name, content), "-U", this.#path]);
    return true;
  }

  async remove(name: KeychainItemName): Promise<boolean> {
    const result = await this.#run(["delete-generic-password", ...nameArgs(name), this.#path]);
    return !this.#isAbsent(result);
  }

  close(): void {}

  /** Runs a command whose arguments nobody else can see. */
  async #command(args: readonly string[]): Promise<void> {
    this.#requireDialogs();
    const line = args.map(quoteArgument).join(" ") + "\n";
    const bytes = new TextEncoder().encode(line);
    if (bytes.length > LONGEST_LINE) {
      throw new NativeFailure("too-long", "the line is too long for the program security");
    }
    const result = await this.#run(["-i"], bytes);
    const failure = failureOf(result);
    if (failure !== undefined) throw failure;
  }

  async #run(args: readonly string[], stdin?: Uint8Array): Promise<ProgramResult> {
    const { timeoutMs } = this.#options;
    try {
      const env = renderHelperEnvironment(this.#host.env.all());
      return await this.#host.programs.run({ command: this.#program, args, env, stdin, timeoutMs });
    } catch (cause) {
      if (!(cause instanceof ProgramFailure)) throw cause;
      const symbol = cause.kind === "timeout" ? "timeout" : "unavailable";
      throw new NativeFailure(symbol, cause.message, { cause });
    }
  }

  /** Whether it reports that the item does not exist; other failures are thrown. */
  #isAbsent(result: ProgramResult): boolean {
    const failure = failureOf(result);
    if (failure === undefined) return false;
    if (ABSENT.includes(failure.symbol)) return true;
    throw failure;
  }

  /** The program cannot suppress the dialogs of macOS that reading and writing may open. */
  #requireDialogs(): void {
    if (this.#options.mayPrompt) return;
    throw new NativeFailure(
      "errSecInteractionRequired",
      "macOS might ask a person, and prompts are turned off",
    );
  }
}

function nameArgs(name: KeychainItemName): string[] {
  return ["-s", name.service, "-a", name.account];
}

function addArgs(name: KeychainItemName, content: KeychainItemContent): string[] {
  const kind = content.description === "" ? [] : ["-D", content.description];
  return [
    "add-generic-password",
    ...nameArgs(name),
    "-l",
    content.label,
    ...kind,
    "-X",
    content.data.toHex(),
  ];
}

/** Matches `split_line` of `security.c`: within quotes a backslash takes the next character literally. */
function quoteArgument(argument: string): string {
  if (/[\0\n]/.test(argument)) {
    throw new NativeFailure(
      "unsupported",
      "the program security does not accept a name with a line break",
    );
  }
  return `"${argument.replace(/["\\]/g, "\\$&")}"`;
}

function failureOf(result: ProgramResult): NativeFailure | undefined {
  if (result.code === 0) return undefined;
  const [status, symbol] = EXIT_STATUS[result.code] ?? [undefined, `exit code ${result.code}`];
  const said = result.stderr.trim().split("\n").at(-1)?.replace(/^security: /, "") ?? "";
  // The last line, but never a line with a password.
  const words = said === "" || said.startsWith("password:") ? "it failed" : said;
  const number = status === undefined ? `exit code ${result.code}` : String(status);
  return new NativeFailure(symbol, `${words.replace(/\.$/, "")} (${number})`);
}
