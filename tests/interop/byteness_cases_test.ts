/**
 * What the tests of github.com/ByteNess/keyring hold of their stores, as tables: each case over each of
 * ours. The facts of `file_test.go`, `secretservice_test.go`, `pass_test.go`, `passage_test.go`,
 * `keyctl_test.go`, `keychain_test.go` and `wincred_test.go`; not their code.
 */

import assert from "node:assert/strict";
import { BACKENDS } from "../../backends/mod.ts";
import { fileNameOf, keyOfFileName } from "../../backends/file/names.ts";
import { decodePath } from "../../backends/secret_service/collection.ts";
import type { Keyring } from "../../src/keyring.ts";
import { systemHost } from "../../src/system/host.ts";
import { systemPlatform } from "../../src/system/platform.ts";
import "../fakes/few_rounds.ts";
import { memoryEnv, TalkRecorder } from "../fakes/memory_host.ts";
import { ScriptedTerminal } from "../fakes/scripted_terminal.ts";
import { everyBackend, uniqueProfile } from "../services/every_backend.ts";

/** What is done, with what, and what comes of it. */
type Step =
  | readonly ["set", key: string, data: string]
  | readonly ["get", key: string, data: string | undefined]
  | readonly ["remove", key: string, wasThere: boolean]
  | readonly ["keys", keys: readonly string[]];

const ANIMALS: readonly Step[] = [
  ["set", "llamas", "llamas are great"],
  ["set", "alpacas", "alpacas are better"],
  ["set", "africa/elephants", "who doesn't like elephants"],
];
const START_URL = "https://aws-sso-portal.awsapps.com/start";

const CASES: Readonly<Record<string, readonly Step[]>> = {
  "keys when empty": [["keys", []]],
  "get when empty": [["get", "no-such-key", undefined]],
  "remove when empty": [["remove", "no-such-key", false]],
  "set when empty": [["set", "llamas", "llamas are great"], ["get", "llamas", "llamas are great"]],
  "keys when not empty": [...ANIMALS, ["keys", ["africa/elephants", "alpacas", "llamas"]]],
  "remove when not empty": [
    ["set", "llamas", "llamas are great"],
    ["remove", "llamas", true],
    ["get", "llamas", undefined],
    ["keys", []],
  ],
  overwrite: [
    ["set", "llamas", "llamas are ok"],
    ["get", "llamas", "llamas are ok"],
    ["set", "llamas", "llamas are great"],
    ["get", "llamas", "llamas are great"],
    ["keys", ["llamas"]],
  ],
  "a name with slashes": [
    ["set", START_URL, START_URL],
    ["get", START_URL, START_URL],
    ["remove", START_URL, true],
  ],
  "two of two": [
    ["set", "test", "loose lips sink ships"],
    ["set", "foobar", "don't foo the bar"],
    ["keys", ["foobar", "test"]],
    ["remove", "test", true],
    ["remove", "foobar", true],
    ["keys", []],
  ],
};

/** `own` stands before each name: the kernel has one keyring for all programs of a user. */
async function play(keyring: Keyring, own: string, steps: readonly Step[]): Promise<void> {
  for (const [what, ...rest] of steps) {
    const [key, value] = rest as [string, unknown];
    if (what === "set") {
      const data = new TextEncoder().encode(String(value));
      await keyring.set(own + key, { data, label: "Arbitrary label", description: "A free text" });
    } else if (what === "get") {
      const data = await keyring.get(own + key);
      assert.equal(data && new TextDecoder().decode(data), value);
    } else if (what === "remove") {
      assert.equal(await keyring.remove(own + key), value);
    } else {
      const keys = (await keyring.keys()).filter((one) => one.startsWith(own));
      assert.deepEqual(keys.sort(), (rest[0] as string[]).map((one) => own + one));
    }
  }
}

/** As the program does it, by the row of the back end. */
async function open(name: string, variables: Readonly<Record<string, string>>): Promise<Keyring> {
  const env = memoryEnv(variables);
  const platform = systemPlatform(env);
  const [terminal, talk] = [new ScriptedTerminal(), new TalkRecorder()];
  const host = { ...systemHost(), env, platform, terminal, talk };
  const row = BACKENDS.find((backend) => backend.name === name);
  return await row!.open(host, { flags: {}, mayPrompt: true });
}

for (const backend of everyBackend()) {
  Deno.test({
    name: `ByteNess' cases hold in ${backend.name}`,
    ignore: backend.ignore,
    sanitizeResources: false,
    async fn(t) {
      await using store = await backend.start();
      const folder = Deno.makeTempDirSync();
      const env = { HOME: folder, ...store.env };
      for (const [name, steps] of Object.entries(CASES)) {
        await t.step(name, async () => {
          const own = `${uniqueProfile()}/`;
          const keyring = await open(backend.name, env);
          await play(keyring, own, steps);
          for (const key of await keyring.keys()) {
            if (key.startsWith(own)) await keyring.remove(key);
          }
          await keyring.close();
        });
      }
      Deno.removeSync(folder, { recursive: true });
    },
  });
}

Deno.test("ByteNess' cases of file names", () => {
  const names = { "abc/.././123": "abc%2F..%2F.%2F123", llamas: "llamas" };
  for (const [key, name] of Object.entries(names)) {
    assert.deepEqual([fileNameOf(key, "linux"), keyOfFileName(name, "linux")], [name, key]);
  }
});

Deno.test("ByteNess' cases of names of collections", () => {
  const names = {
    keyring_2dtest: "keyring-test",
    keyring_2d_2dtest: "keyring--test",
    keyring_2dtest_2d_2d: "keyring-test--",
    _2d_2dkeyring_2dtest_2d_2d: "--keyring-test--",
  };
  for (const [path, name] of Object.entries(names)) assert.equal(decodePath(path), name);
});
