import assert from "node:assert/strict";
import { Secret } from "../../src/secret.ts";
import type { Talk } from "../../src/talk.ts";
import { fileStoreHost, sealedItems, STORE } from "../../tests/fakes/file_store.ts";
import { openFileKeyring } from "./keyring.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const UNLOCK = `Enter passphrase to unlock "${STORE}": (hidden)`;
const WRONG = "Wrong passphrase, try again\n";
const EXPLAINED = "At this console an earlier version read all non-ASCII letters as one letter\n";
const AGAIN = "Enter the passphrase again, so that from now on they are distinguished: (hidden)";

/** A store that was made with this passphrase, and a person who types at a console with these readings. */
async function open(
  { madeWith, typed, read }: { madeWith: string; typed: string[]; read?: Record<string, string> },
) {
  const files = await sealedItems({ work: "x", home: "y" }, madeWith);
  const host = fileStoreHost({ files, answers: typed });
  const notes: string[] = [];
  const talk: Talk = { ...host.talk, note: (text) => void notes.push(text) };
  const terminal = Object.assign(host.terminal, {
    ...read && {
      oldReading: (line: Secret) => Promise.resolve(new Secret(read[line.reveal()] ?? "")),
    },
  });
  const deps = { ...host, talk, terminal };
  const again = (answer: string) => {
    const { files } = host;
    const other = fileStoreHost({ files: files.snapshot(), answers: [answer] });
    return openFileKeyring(other, { folder: STORE, passphrase: {}, mayPrompt: true });
  };
  const keyring = openFileKeyring(deps, { folder: STORE, passphrase: {}, mayPrompt: true });
  return { host, keyring, notes, again };
}

Deno.test("a store of the old console opens once with any letters, and is sealed with those typed", async () => {
  const { host, keyring, notes, again } = await open({
    madeWith: "p\ufffdsse",
    typed: ["pässe", "pässe"],
  });
  assert.deepEqual(await keyring.get("work"), bytes("x"));
  assert.deepEqual(host.terminal.shown, [UNLOCK, EXPLAINED, AGAIN]);
  assert.deepEqual(notes, [`Sealed again with these letters: 2 items of "${STORE}"`]);
  assert.deepEqual(await again("pässe").get("home"), bytes("y"));
  await assert.rejects(again("püsse").get("home"), { message: /nobody answers/ });
});

Deno.test("a store of the old console opens with what its code page makes of the letters", async () => {
  const { keyring, again } = await open({
    madeWith: "p?sse\ufffd",
    typed: ["pλsseä", "pλsseä"],
    read: { "pλsseä": "p?sse\ufffd" },
  });
  await keyring.set("new", { data: bytes("z"), label: "aws-vault (new)" });
  assert.deepEqual(await again("pλsseä").get("work"), bytes("x"));
});

Deno.test("a mistyped letter does not become the passphrase of an old store", async () => {
  const { host, keyring } = await open({
    madeWith: "p\ufffdsse",
    typed: ["püsse", "pässe", "pässe", "pässe"],
  });
  const before = host.files.snapshot();
  const opened = keyring.get("work");
  assert.deepEqual(await opened, bytes("x"));
  const shown = [UNLOCK, EXPLAINED, AGAIN, "The two do not match\n", WRONG, UNLOCK];
  assert.deepEqual(host.terminal.shown, [...shown, EXPLAINED, AGAIN]);
  assert.notDeepEqual(host.files.snapshot(), before);
});

Deno.test("what was typed as it is comes first, and a passphrase in ASCII has no other reading", async () => {
  const { host, keyring, notes } = await open({ madeWith: "pässe", typed: ["passe", "pässe"] });
  assert.deepEqual(await keyring.get("work"), bytes("x"));
  assert.deepEqual(host.terminal.shown, [UNLOCK, WRONG, UNLOCK]);
  assert.deepEqual(notes, []);
});
