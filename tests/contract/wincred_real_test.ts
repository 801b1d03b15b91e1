import assert from "node:assert/strict";
import { LARGEST_BLOB } from "../../backends/wincred/names.ts";
import type { Keyring } from "../../src/keyring.ts";
import { requireService } from "../services.ts";
import { testKeyringContract } from "./keyring_contract.ts";
import { openKeyring, ROW_OPENER } from "./row_opener.ts";

// The Credential Manager of the person who runs the tests: there is one, and nothing of it may be lost.
const CONFIG = { backend: "wincred", env: {} };
const WINDOWS = Deno.build.os === "windows";

const isEmpty = WINDOWS && (await (await openKeyring(CONFIG)).keys()).length === 0;

testKeyringContract("wincred", {
  opener: ROW_OPENER,
  ...(WINDOWS
    ? requireService("a Credential Manager without keys of aws-vault", isEmpty, "as another user")
    : { ignore: true }),
  loadsLibraries: true,
  // One call of Windows.
  fewestSteps: 0,
  largestDataBytes: LARGEST_BLOB,
  async makeStore() {
    const keyring = await openKeyring(CONFIG);
    assert.deepEqual(await keyring.keys(), []);
    return { config: CONFIG, [Symbol.asyncDispose]: () => removeAll(keyring) };
  },
});

async function removeAll(keyring: Keyring): Promise<void> {
  for (const key of await keyring.keys()) await keyring.remove(key);
}
