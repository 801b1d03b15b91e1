/** A Mac's keychain by stand-ins written in C: the library, the program `security`, and a home folder. */

import { openKeychainKeyring } from "../../backends/keychain/keyring.ts";
import type { KeychainHost, KeychainKeyringOptions } from "../../backends/keychain/keyring.ts";
import type { Keyring } from "../../src/keyring.ts";
import { loadSecurityFramework } from "../../src/system/ffi/security_framework.ts";
import { systemEnv } from "../../src/system/env.ts";
import { systemFiles } from "../../src/system/files.ts";
import { systemNative } from "../../src/system/native.ts";
import { systemPrograms } from "../../src/system/programs.ts";
import { compileC } from "../fakes/compile_c.ts";
import { TalkRecorder } from "../fakes/memory_host.ts";
import { ScriptedTerminal } from "../fakes/scripted_terminal.ts";

/** An item as it is in a keychain file of the stand-ins. */
export interface StoredItem {
  readonly service: string;
  readonly account: string;
  readonly label: string;
  readonly description: string;
  readonly data: string;
  /** The program that may read it without asking. */
  readonly trusted: string;
}

/** Where the stand-ins of one store are. */
export interface StandInPlace {
  /** Scripts the stand-ins and keeps what they recorded; see `keychain_file.h`. */
  readonly folder: string;
  readonly home: string;
}

let compiled: Promise<string> | undefined;

/** The library and the program, compiled once for all tests of a file. */
function compile(): Promise<string> {
  return compiled ??= (async () => {
    const folder = await Deno.makeTempDir({ prefix: "aws-vault-keychain-" });
    globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
    const common = "security_framework/keychain_file.c";
    const framework = "security_framework/framework.c";
    await compileC("library", [framework, common], `${folder}/Security`);
    await compileC("program", ["security/main.c", common], `${folder}/security`);
    return folder;
  })();
}

/** One store with stand-ins of its own. */
export class KeychainStandIn implements AsyncDisposable, StandInPlace {
  readonly folder: string;
  readonly home: string;

  private constructor(folder: string, home: string) {
    this.folder = folder;
    this.home = home;
  }

  /** With a keychain that is there already, unless it is to be made by the first use. */
  static async make(options: { isNew?: boolean } = {}): Promise<KeychainStandIn> {
    const parent = await Deno.makeTempDir({ prefix: "aws-vault-keychain-" });
    const standIn = new KeychainStandIn(`${parent}/stand-in`, `${parent}/home`);
    await Deno.mkdir(`${standIn.home}/Library/Keychains`, { recursive: true });
    await standIn.#install(standIn.folder);
    if (!options.isNew) await Deno.writeTextFile(standIn.keychain, "");
    return standIn;
  }

  /** Another copy of the stand-ins over the same keychains, where they are locked and nobody is there. */
  async sealed(): Promise<StandInPlace> {
    const folder = `${this.folder}-sealed`;
    await this.#install(folder);
    await Deno.writeTextFile(`${folder}/locked`, "a password");
    return { folder, home: this.home };
  }

  async #install(folder: string): Promise<void> {
    const from = await compile();
    await Deno.mkdir(folder);
    // A copy could not be started while another test's child has it open from the writing (ETXTBSY).
    await Deno.link(`${from}/security`, `${folder}/security`);
    // One of its own: a library of one file is loaded once, by whatever names.
    await Deno.copyFile(`${from}/Security`, `${folder}/Security`);
  }

  /** The file of the default keychain. */
  get keychain(): string {
    return `${this.home}/Library/Keychains/aws-vault.keychain-db`;
  }

  lock(password = "a password"): void {
    Deno.writeTextFileSync(`${this.folder}/locked`, password);
  }

  /** What a person does with every dialog; without it there is no desktop. */
  answerDialogs(answer: "allow" | "cancel" | "wrong" | "hang"): void {
    Deno.writeTextFileSync(`${this.folder}/dialog`, answer);
  }

  /** Lets the next such call end with an OSStatus. */
  script(call: string, status: number): void {
    Deno.writeTextFileSync(`${this.folder}/script`, `${call} ${status}\n`, { append: true });
  }

  /** What was called since the last time. */
  takeCalls(): string[] {
    const path = `${this.folder}/calls`;
    try {
      const lines = Deno.readTextFileSync(path).split("\n").slice(0, -1);
      Deno.removeSync(path);
      return lines;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  items(path = this.keychain): StoredItem[] {
    const text = (hex: string | undefined) =>
      new TextDecoder().decode(Uint8Array.fromHex(hex ?? ""));
    return Deno.readTextFileSync(path).split("\n").slice(0, -1).map((line) => {
      const [service, account, label, description, data, trusted] = line.split(" ").map(text);
      return { service, account, label, description, data, trusted } as StoredItem;
    });
  }

  /** Puts an item into the default keychain, as another program would. */
  plant(item: StoredItem): void {
    const { service, account, label, description, data, trusted } = item;
    const line = [service, account, label, description, data, trusted]
      .map((field) => new TextEncoder().encode(field).toHex()).join(" ");
    Deno.writeTextFileSync(this.keychain, `${line}\n`, { append: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.home.replace(/\/home$/, ""), { recursive: true });
  }
}

/** A Mac whose Security.framework is the stand-in, or, by `program`, cannot be loaded. */
export function macHost(
  place: StandInPlace,
  way: "library" | "program",
  terminal = new ScriptedTerminal(),
): KeychainHost & { readonly talk: TalkRecorder } {
  const path = `${place.folder}/Security`;
  const library = () => loadSecurityFramework({ security: path, coreFoundation: path });
  return {
    env: systemEnv(),
    native: {
      ...systemNative(),
      keychains: () => Promise.resolve(way === "library" ? library() : undefined),
    },
    programs: systemPrograms(),
    files: systemFiles(),
    platform: {
      os: "darwin",
      pid: 1,
      home: place.home,
      executable: "/usr/local/bin/aws-vault",
      user: "501",
    },
    terminal,
    talk: new TalkRecorder(),
  };
}

/** The keyring on such a host. */
export function openOn(
  host: KeychainHost,
  place: StandInPlace,
  options: Partial<KeychainKeyringOptions> = {},
): Keyring {
  const securityProgram = `${place.folder}/security`;
  return openKeychainKeyring(host, { mayPrompt: true, securityProgram, ...options });
}
