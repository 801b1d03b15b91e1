import assert from "node:assert/strict";
import { openFileKeyring } from "../../backends/file/keyring.ts";
import type { Keyring } from "../../src/keyring.ts";
import { fileDeps } from "../contract/file_deps.ts";
import { buildGoKeyring, GoKeyring, requireGoKeyring } from "./go_keyring.ts";

const PASSPHRASE = "correct horse";
const KEYS = [
  "work",
  "team/prod",
  "team%2Fprod",
  "100%",
  "größe 🔑",
  ".hidden",
  "a,b c",
  "oidc:https://example.awsapps.com/start",
  "sts.GetSessionToken,d29yaw,YXJuOmF3czppYW0,1767225600",
];
const encode = (text: string) => new TextEncoder().encode(text);
const label = (key: string) => `aws-vault (${key})`;

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
      for (const key of KEYS) await theirs.set(key, label(key), encode(`data of ${key}`));
      assert.equal(rounds(`${folder}/work`), 8192);
      assert.deepEqual((await ours.keys()).sort(), [...KEYS].sort());
      for (const key of KEYS) {
        assert.equal(await ours.has(key), true);
        assert.deepEqual(await ours.get(key), encode(`data of ${key}`));
      }
      await ours.set("work", { data: encode("new"), label: label("work") });
      assert.equal(rounds(`${folder}/work`), 600_000);
      assert.equal((await theirs.get("work"))?.Data, encode("new").toBase64());
    }),
);

goTest("it reads what we wrote", () =>
  withBoth(async (ours, theirs) => {
    for (const key of KEYS) {
      await ours.set(key, { data: encode(`data of ${key}`), label: label(key) });
    }
    assert.deepEqual((await theirs.keys()).sort(), [...KEYS].sort());
    for (const key of KEYS) {
      assert.deepEqual(await theirs.get(key), {
        Key: key,
        Data: encode(`data of ${key}`).toBase64(),
        Label: label(key),
        Description: "",
        KeychainNotTrustApplication: true,
        KeychainNotSynchronizable: false,
      });
    }
  }));

goTest("what one removes is gone for the other", () =>
  withBoth(async (ours, theirs) => {
    await theirs.set("team/prod", label("team/prod"), encode("x"));
    await theirs.set("100%", label("100%"), encode("x"));
    assert.equal(await ours.remove("team/prod"), true);
    assert.equal(await theirs.get("team/prod"), undefined);
    assert.equal(await theirs.remove("100%"), true);
    assert.equal(await ours.get("100%"), undefined);
    assert.deepEqual([await ours.keys(), await theirs.keys()], [[], []]);
  }));

goTest("no bytes at all go both ways", () =>
  withBoth(async (ours, theirs) => {
    await theirs.set("theirs", "", new Uint8Array());
    await ours.set("ours", { data: new Uint8Array(), label: "" });
    assert.deepEqual(await ours.get("theirs"), new Uint8Array());
    assert.equal((await theirs.get("ours"))?.Data, "");
  }));
