import assert from "node:assert/strict";
import { openFileKeyring } from "../../backends/file/keyring.ts";
import type { Keyring } from "../../src/keyring.ts";
import { fileDeps } from "../contract/file_deps.ts";
import { KernelKeysInMemory } from "../fakes/kernel_keys_in_memory.ts";
import { ScriptedTerminal } from "../fakes/scripted_terminal.ts";
import {
  encode,
  KEYS,
  label,
  NAMES,
  readNames,
  readOurs,
  readTheirs,
  removeForBoth,
  writeNames,
} from "./go_exchange.ts";
import { buildGoKeyring, GoKeyring, requireGoKeyring } from "./go_keyring.ts";

const PASSPHRASE = "correct horse";
const FILE_KEYS = [...KEYS, "oidc:https://example.awsapps.com/start"];

/** One store, opened by both. */
async function withBoth(
  body: (ours: Keyring, theirs: GoKeyring, folder: string) => Promise<void>,
): Promise<void> {
  const parent = await Deno.makeTempDir();
  try {
    const folder = `${parent}/keys`;
    const deps = fileDeps({ passphrase: PASSPHRASE });
    const ours = openFileKeyring(deps, { folder, passphrase: {}, mayPrompt: false });
    const flags = ["-backend=file", `-file-dir=${folder}`];
    const env = { AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE };
    await body(ours, new GoKeyring(await buildGoKeyring(), flags, env), folder);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

function rounds(path: string): number {
  const header = Uint8Array.fromBase64(Deno.readTextFileSync(path).split(".")[0]!, {
    alphabet: "base64url",
  });
  return JSON.parse(new TextDecoder().decode(header)).p2c;
}

const go = requireGoKeyring();

function goTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `file keyring and the Go library: ${name}`, ...go, fn });
}

goTest(
  "we read what it wrote, and upgrade what we rewrite",
  () =>
    withBoth(async (ours, theirs, folder) => {
      await readTheirs(ours, theirs, FILE_KEYS);
      assert.equal(rounds(`${folder}/work`), 8192);
      await ours.set("work", { data: encode("new"), label: label("work") });
      assert.equal(rounds(`${folder}/work`), 600_000);
      assert.equal((await theirs.get("work"))?.Data, encode("new").toBase64());
    }),
);

goTest(
  "it reads what we wrote",
  () => withBoth((ours, theirs) => readOurs(ours, theirs, FILE_KEYS)),
);

goTest(
  "it reads what was stored without the passphrase, in the minute after it was typed",
  () =>
    withBoth(async (_, theirs, folder) => {
      const { native } = new KernelKeysInMemory();
      const store = async (key: string, answers: readonly string[]) => {
        const deps = { ...fileDeps({ terminal: new ScriptedTerminal(answers) }), native };
        const options = { folder, passphrase: {}, mayPrompt: true, unlockSeconds: 900 };
        const item = { data: encode(key), label: label(key), standsAlone: true };
        await openFileKeyring(deps, options).set(key, item);
      };
      await store("first", [PASSPHRASE, PASSPHRASE]);
      await store("second", []);
      assert.equal((await theirs.get("second"))?.Data, encode("second").toBase64());
    }),
);

goTest("what one removes is gone for the other", () => withBoth(removeForBoth));

goTest("no bytes at all go both ways", () =>
  withBoth(async (ours, theirs) => {
    await theirs.set("theirs", "", new Uint8Array());
    await ours.set("ours", { data: new Uint8Array(), label: "" });
    assert.deepEqual(await ours.get("theirs"), new Uint8Array());
    assert.equal((await theirs.get("ours"))?.Data, "");
  }));

goTest(
  `${NAMES.length} names of the library are ours`,
  () => withBoth((ours, theirs) => readNames(ours, theirs, NAMES)),
);

goTest(
  `${NAMES.length} names of ours are the library's`,
  () => withBoth((ours, theirs) => writeNames(ours, theirs, NAMES)),
);
