/** Windows's credentials by a stand-in library written in C. */

import { openWincredKeyring, type WincredHost } from "../../backends/wincred/keyring.ts";
import type { Keyring } from "../../src/keyring.ts";
import { loadAdvapi32 } from "../../src/system/ffi/advapi32.ts";
import { systemNative } from "../../src/system/native.ts";
import { compileC } from "../fakes/compile_c.ts";

/** A credential as it is in the file of the stand-in. */
export interface StoredCredential {
  readonly targetName: string;
  readonly persist: number;
  readonly blob: Uint8Array;
}

let compiled: Promise<string> | undefined;

/** The library, compiled once for all tests of a file. */
function compile(): Promise<string> {
  return compiled ??= (async () => {
    const folder = await Deno.makeTempDir({ prefix: "aws-vault-wincred-" });
    globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
    await compileC("library", ["advapi32/advapi32.c"], `${folder}/advapi32`);
    return `${folder}/advapi32`;
  })();
}

/** A user's credentials, with a library of its own. */
export class WincredStandIn implements AsyncDisposable {
  /** Scripts the stand-in and keeps what it recorded; see `advapi32.c`. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<WincredStandIn> {
    const folder = await Deno.makeTempDir({ prefix: "aws-vault-wincred-" });
    await Deno.copyFile(await compile(), `${folder}/advapi32`);
    return new WincredStandIn(folder);
  }

  /** Lets the next such call fail with a Windows error. */
  script(call: string, error: number): void {
    Deno.writeTextFileSync(`${this.folder}/script`, `${call} ${error}\n`, { append: true });
  }

  /** `lose`, `hide`, or `die-at` with a number. */
  control(name: "lose" | "hide" | "die-at", text = ""): void {
    Deno.writeTextFileSync(`${this.folder}/${name}`, text);
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

  credentials(): StoredCredential[] {
    const path = `${this.folder}/credentials`;
    return Deno.readTextFileSync(path).split("\n").slice(0, -1).map((line) => {
      const [, persist, , name, blob] = line.split(" ") as [string, string, string, string, string];
      const targetName = new TextDecoder("utf-16le").decode(Uint8Array.fromHex(name));
      const bytes = Uint8Array.fromHex(blob === "-" ? "" : blob);
      return { targetName, persist: Number(persist), blob: bytes };
    });
  }

  /** Puts a credential there, as another program would. */
  plant(targetName: string, blob: Uint8Array): void {
    const units = Uint16Array.from(targetName, (unit) => unit.charCodeAt(0));
    const name = new Uint8Array(units.buffer).toHex();
    const line = `1 2 133000000000000000 ${name} ${blob.toHex() || "-"}\n`;
    Deno.writeTextFileSync(`${this.folder}/credentials`, line, { append: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A Windows whose advapi32.dll is the stand-in of a folder. */
export function windowsHost(folder: string): WincredHost {
  const path = `${folder}/advapi32`;
  const store = () => loadAdvapi32({ advapi32: path, kernel32: path });
  return {
    native: { ...systemNative(), credentialStore: () => Promise.resolve(store()) },
  };
}

/** The keyring on such a host. */
export function openIn(folder: string): Keyring {
  return openWincredKeyring(windowsHost(folder));
}
