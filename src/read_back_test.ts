import assert from "node:assert/strict";
import { VaultError } from "./errors.ts";
import { setAndReadBack } from "./read_back.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const item = { data: bytes("data of work"), label: "aws-vault (work)" };

/** What comes of a write to a keystore that gives this back. */
async function outcome(get: () => Promise<Uint8Array | undefined>) {
  const stored: string[] = [];
  const warned: string[] = [];
  const set = (key: string) => Promise.resolve(void stored.push(key));
  const talk = { warn: (text: string) => void warned.push(text) };
  const writing = setAndReadBack({ backend: "kwallet", get }, set, talk, "work", item);
  const failed = await writing.then(() => undefined, (error) => `${error.code}: ${error.message}`);
  return { stored, warned, failed };
}

Deno.test("setAndReadBack() takes nothing for stored that does not come back", async () => {
  const stored = ["work"];
  const tried = ["work", "work", "work"];
  assert.deepEqual(await outcome(() => Promise.resolve(bytes("data of work"))), {
    stored,
    warned: [],
    failed: undefined,
  });
  for (const found of [bytes(""), bytes("data of worK"), bytes("data of wor")]) {
    assert.deepEqual(await outcome(() => Promise.resolve(found)), {
      stored: tried,
      warned: [],
      failed:
        'keyring-failed: Cannot store "work": kwallet accepted it, but returns something else',
    });
  }
  assert.deepEqual(await outcome(() => Promise.resolve(undefined)), {
    stored: tried,
    warned: [],
    failed: 'keyring-failed: Cannot store "work": kwallet accepted it, but returns nothing',
  });
});

Deno.test("setAndReadBack() writes again where another process was faster", async () => {
  const found = [bytes("of another"), bytes("data of work")];
  assert.deepEqual(await outcome(() => Promise.resolve(found.shift())), {
    stored: ["work", "work"],
    warned: [],
    failed: undefined,
  });
});

Deno.test("setAndReadBack() says what reading says, and warns where nobody can be asked", async () => {
  const fail = (code: "damaged-item" | "keyring-locked") => () =>
    Promise.reject(new VaultError(code, 'Cannot read "work": it is so'));
  assert.deepEqual(await outcome(fail("damaged-item")), {
    stored: ["work"],
    warned: [],
    failed: 'damaged-item: Cannot read "work": it is so',
  });
  assert.deepEqual(await outcome(fail("keyring-locked")), {
    stored: ["work"],
    warned: ['"work" is stored, but was not read back: cannot read "work": it is so'],
    failed: undefined,
  });
});
