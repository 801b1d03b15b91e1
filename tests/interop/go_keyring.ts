/** The Go keyring library under aws-vault 7 as an oracle: its program of `tests/interop/go_keyring`. */

import assert from "node:assert/strict";
import { makeFolder } from "../folder.ts";
import { requireService, runs } from "../services.ts";

const source = new URL("go_keyring", import.meta.url).pathname;

/** Whether the program can be built here: Go, and its modules from the cache or the proxy. */
export function requireGoKeyring(): { ignore: boolean } {
  const available = runs("go", "-C", source, "mod", "download");
  return requireService("Go with its module proxy", available, "install Go 1.20 or later");
}

/** An item as the library gives it; `Data` is base64. */
export interface GoItem {
  readonly Key: string;
  readonly Data: string | null;
  readonly Label: string;
  readonly Description: string;
  readonly KeychainNotTrustApplication: boolean;
  readonly KeychainNotSynchronizable: boolean;
}

/** The library over one store. */
export class GoKeyring {
  readonly #program: string;
  readonly #flags: readonly string[];
  readonly #env: Readonly<Record<string, string>>;

  /** `program` from {@linkcode buildGoKeyring}; `flags` such as `-backend=file`; see `main.go`. */
  constructor(
    program: string,
    flags: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#program = program;
    this.#flags = flags;
    this.#env = env;
  }

  /** `undefined` for a missing key; fails where the library does. */
  async get(key: string): Promise<GoItem | undefined> {
    const { code, stdout, stderr } = await this.run(["get", key]);
    assert.ok(code === 0 || code === 3, stderr);
    return code === 3 ? undefined : JSON.parse(stdout);
  }

  async set(key: string, label: string, data: Uint8Array): Promise<void> {
    const { code, stderr } = await this.run(["set", key, label], data);
    assert.equal(code, 0, stderr);
  }

  /** Whether there was an item. */
  async remove(key: string): Promise<boolean> {
    const { code, stderr } = await this.run(["remove", key]);
    assert.ok(code === 0 || code === 3, stderr);
    return code === 0;
  }

  async keys(): Promise<string[]> {
    const { code, stdout, stderr } = await this.run(["keys"]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) ?? [];
  }

  /** The data of many keys, `undefined` for a missing one. */
  async getAll(keys: readonly string[]): Promise<(string | undefined)[]> {
    const { code, stdout, stderr } = await this.run(["get-all"], encodeKeys(keys));
    assert.equal(code, 0, stderr);
    const items: (GoItem | null)[] = JSON.parse(stdout);
    return items.map((item) =>
      item ? new TextDecoder().decode(Uint8Array.fromBase64(item.Data ?? "")) : undefined
    );
  }

  /** Stores `data of KEY` under each key. */
  async setAll(keys: readonly string[]): Promise<void> {
    const { code, stderr } = await this.run(["set-all"], encodeKeys(keys));
    assert.equal(code, 0, stderr);
  }

  /** Runs the program with any arguments, and gives its output. */
  async run(
    args: readonly string[],
    input: Uint8Array = new Uint8Array(),
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const child = new Deno.Command(this.#program, {
      args: [...this.#flags, "--", ...args],
      env: { ...this.#env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    // A program that does not read its input may have ended already.
    await writer.write(input).then(() => writer.close()).catch(() => {});
    const { code, stdout, stderr } = await child.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  }
}

function encodeKeys(keys: readonly string[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(keys));
}

let built: Promise<string> | undefined;

/** Builds the program, once for all tests of a file and from Go's cache within a second; gives its path. */
export function buildGoKeyring(): Promise<string> {
  return built ??= build();
}

async function build(): Promise<string> {
  const folder = makeFolder();
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const program = `${folder}/go_keyring`;
  const { success, stderr } = await new Deno.Command("go", {
    args: ["-C", source, "build", "-o", program, "."],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return program;
}
