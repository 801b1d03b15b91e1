import assert from "node:assert/strict";
import { openPassKeyring } from "../../backends/pass/keyring.ts";
import type { Keyring } from "../../src/keyring.ts";
import { passDeps } from "../contract/pass_opener.ts";
import { requireService } from "../services.ts";
import { hasPass, makeGpgHome, PASS_INSTALL } from "../services/gpg.ts";
import { buildGoKeyring, GoKeyring, requireGoKeyring } from "./go_keyring.ts";

/** Names that the library can express; it loses the second of two slashes. */
const KEYS = [
  "work",
  "team/prod",
  "team%2Fprod",
  "100%",
  "größe 🔑",
  ".hidden",
  "a,b c",
  "sts.GetSessionToken,d29yaw,YXJuOmF3czppYW0,1767225600",
];
const encode = (text: string) => new TextEncoder().encode(text);
const label = (key: string) => `aws-vault (${key})`;

const available = [requireService("pass", hasPass(), PASS_INSTALL), requireGoKeyring()];
const ignore = available.some((one) => one.ignore);

/** One store, opened by both, with a prefix and without. */
function bothTest(
  name: string,
  body: (ours: Keyring, theirs: GoKeyring) => Promise<void>,
): void {
  for (const passPrefix of ["", "aws/vault"]) {
    Deno.test({
      name: `pass keyring and the Go library${passPrefix && " in a folder"}: ${name}`,
      ignore,
      fn: async () => {
        await using home = await makeGpgHome();
        const flags = ["-backend=pass", `-pass-dir=${home.store}`, `-pass-prefix=${passPrefix}`];
        const theirs = new GoKeyring(await buildGoKeyring(), flags, home.env);
        const options = { passPrefix, mayPrompt: false };
        await body(openPassKeyring("pass", passDeps(home.env), options), theirs);
      },
    });
  }
}

bothTest("we read what it wrote", async (ours, theirs) => {
  for (const key of KEYS) await theirs.set(key, label(key), encode(`data of ${key}`));
  assert.deepEqual((await ours.keys()).sort(), [...KEYS].sort());
  for (const key of KEYS) assert.deepEqual(await ours.get(key), encode(`data of ${key}`), key);
});

bothTest("it reads what we wrote", async (ours, theirs) => {
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
});

bothTest("what one removes is gone for the other", async (ours, theirs) => {
  await theirs.set("team/prod", label("team/prod"), encode("x"));
  await theirs.set("100%", label("100%"), encode("x"));
  assert.equal(await ours.remove("team/prod"), true);
  assert.equal(await theirs.get("team/prod"), undefined);
  assert.equal(await theirs.remove("100%"), true);
  assert.equal(await ours.get("100%"), undefined);
  assert.deepEqual([await ours.keys(), await theirs.keys()], [[], []]);
});
