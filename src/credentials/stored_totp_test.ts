import assert from "node:assert/strict";
import { ManualClock, TalkRecorder } from "../../tests/fakes/memory_host.ts";
import { MemoryKeyring } from "../../tests/fakes/memory_keyring.ts";
import type { SessionCache } from "../cache/cached_sessions.ts";
import { VaultError } from "../errors.ts";
import { Secret } from "../secret.ts";
import { totpName } from "./key_names.ts";
import { nextPair, readSeed, storedCodes, type TotpDeps, writeSeed } from "./stored_totp.ts";
import { totpCode, windowOf } from "./totp.ts";

const SERIAL = "arn:aws:iam::111122223333:mfa/me";
const SEED = new Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");

/** What several processes share: the keyring, the noted times and the clock. */
async function machine(notes = true) {
  const keyring = new MemoryKeyring();
  await writeSeed(keyring, totpName(SERIAL), SERIAL, SEED);
  const clock = new ManualClock({ jumpsOverSleeps: true });
  const start = windowOf(clock.now());
  const noted = new Map<string, Temporal.Instant>();
  const cache = {
    keyCreated: (name: string) => noted.get(name),
    noteKeyCreated: (name: string, created: Temporal.Instant) =>
      void (notes && noted.set(name, created)),
  } as SessionCache;
  const process = () => {
    const talk = new TalkRecorder();
    const deps: TotpDeps = { host: { clock, talk }, cache: () => Promise.resolve(cache) };
    const codes = storedCodes({ ...deps, keyring: () => Promise.resolve(keyring) }, SERIAL);
    return { deps, codes, talk };
  };
  const windows = async (codes: readonly Secret[]) => {
    const known = await Promise.all(
      Array.from({ length: 12 }, (_, i) => totpCode(SEED, start - 2 + i)),
    );
    return codes.map((code) => known.findIndex((one) => one.reveal() === code.reveal()) - 2);
  };
  return { keyring, clock, process, windows };
}

Deno.test("storedCodes() gives no code twice, across processes, and waits for the next window", async () => {
  const { process, windows } = await machine();
  const [one, other] = [process(), process()];
  const codes = [await one.codes.next(), await other.codes.next(), await one.codes.next()];
  assert.deepEqual(await windows(codes), [0, 1, 2]);
  assert.deepEqual([one.talk.lines.length, other.talk.lines.length], [1, 1]);
  assert.match(other.talk.lines.join(), /was used: waiting \d+ s for the next/);
});

Deno.test("storedCodes() gives no code twice in a run where nothing can be noted", async () => {
  const { process, windows } = await machine(false);
  const { codes } = process();
  assert.deepEqual(await windows([await codes.next(), await codes.next()]), [0, 1]);
});

Deno.test("storedCodes() does not wait for long where the clock was set back", async () => {
  const { process, windows, clock } = await machine();
  const { codes, talk } = process();
  clock.advance(3_600_000);
  await codes.next();
  clock.advance(-3_600_000);
  assert.deepEqual(await windows([await process().codes.next()]), [0]);
  assert.deepEqual(talk.lines, []);
});

Deno.test("nextPair() gives two codes that follow each other, of which none was used", async () => {
  const { process, windows } = await machine();
  const { deps, codes } = process();
  const pair = await nextPair(deps, SERIAL, SEED);
  assert.deepEqual(await windows([pair.first, pair.second]), [-1, 0]);
  const again = await nextPair(deps, SERIAL, SEED);
  assert.deepEqual(await windows([again.first, again.second, await codes.next()]), [1, 2, 3]);
});

Deno.test("readSeed() quotes nothing of a damaged item, and leaves it", async () => {
  const { keyring } = await machine();
  const name = totpName(SERIAL);
  for (
    const data of ["", "{}", '{"Base32StringSeed":1}', '{"Base32StringSeed":"secret!"}', "\xff"]
  ) {
    await keyring.set(name, { data: new TextEncoder().encode(data), label: "" });
    await assert.rejects(() => readSeed(keyring, name, SERIAL), (error) => {
      assert(error instanceof VaultError);
      assert.deepEqual([error.code, error.message], [
        "damaged-item",
        `Cannot read the stored seed of MFA device "${SERIAL}": it is damaged`,
      ]);
      return true;
    });
  }
  assert.equal(await keyring.has(name), true);
  assert.equal(await readSeed(keyring, totpName("other"), "other"), undefined);
});
