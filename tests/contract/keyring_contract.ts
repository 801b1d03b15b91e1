/** The contract of `src/keyring.ts` as one suite, which every back end runs against its real service. */

import assert from "node:assert/strict";
import { type ErrorCode, VaultError } from "../../src/errors.ts";
import type { Keyring } from "../../src/keyring.ts";
import { bundled, scriptWords, sourceWords } from "../process/launch.ts";
import { runTogether } from "./processes.ts";
import { type CrashingStore, retryCrashes } from "./retry_crashes.ts";

/** What the opener of a back end gets; it has to survive JSON, since other processes get it too. */
export type KeyringConfig = Readonly<Record<string, unknown>>;

/** A module that opens one back end: the suite imports it, and so do the processes it starts. */
export interface OpenerModule {
  openKeyring(config: KeyringConfig): Keyring | Promise<Keyring>;
}

/** An empty store of a test's own. */
export interface TestStore extends CrashingStore {
  readonly config: KeyringConfig;
  /**
   * Opens the same store so that no secret can be read and nobody asked (wrong passphrase, no
   * agent): `has` and `keys` have to work anyway. Absent: the store cannot be opened so.
   */
  readonly sealedConfig?: KeyringConfig | undefined;
  /** The environment of the processes, besides this one's. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** One back end, as the suite needs it. */
export interface KeyringSubject {
  /** The URL of an {@linkcode OpenerModule}. */
  readonly opener: string;
  makeStore(): TestStore | Promise<TestStore>;
  /** It loads a library for each store, which cannot be unloaded; older runtimes would call that a leak. */
  readonly loadsLibraries?: boolean | undefined;
  /** Its service may refuse to keep the public name of an item. */
  readonly mayRefuseNames?: boolean | undefined;
  /** From `requireService`. */
  readonly ignore?: boolean | undefined;
  /** What the back end's documentation gives as its limit, where that is under 64 KiB. */
  readonly largestDataBytes?: number | undefined;
  /** Keys that it cannot hold, or not beside the others, and says so of. */
  readonly refusedKeys?: readonly string[] | undefined;
  /** The code with which it refuses them; `unsupported` where it is absent. */
  readonly refusal?: ErrorCode | undefined;
  /**
   * How many effects in this process a write has at least. 0 where a write is one message to a
   * service, so that there is nothing between its steps.
   */
  readonly fewestSteps: number;
}

/** What a process of `keyring_process.ts` does. */
export interface WriteJob {
  /** Keys and texts, stored in this order. */
  readonly items: readonly (readonly [key: string, text: string])[];
  /** Kills itself at this effect, counted from 1. */
  readonly dieAtStep?: number | undefined;
}

/** Names that have broken one keystore or another. */
export const AWKWARD_KEYS: readonly string[] = [
  "work",
  "Work",
  "WORK",
  "team/prod/admin",
  "team%2Fprod%2Fadmin",
  "/leading and trailing/",
  "a,b,c",
  "with  two spaces",
  " space around ",
  ".hidden",
  "..",
  ".",
  "...",
  "-f",
  "--help",
  "100%",
  "%",
  "%00",
  "back\\slash",
  "quote\"'`$HOME;&|<>*?#!~",
  "[profile] = x",
  "user@example.com",
  "con",
  "NUL.txt",
  "ends with a dot.",
  "tab\tand\nline end",
  "größe",
  "gro\u0308ße",
  "日本語",
  "🔑",
  "oidc:https://example.awsapps.com/start",
  "oidc:aws-vault-data-key",
  "aws-vault-pending:work",
  "sts.GetSessionToken,d29yaw,YXJuOmF3czppYW0,1767225600",
  "x".repeat(200),
];

const text = (data: Uint8Array | undefined) => data && new TextDecoder().decode(data);
const item = (value: string | Uint8Array) => ({
  data: typeof value === "string" ? new TextEncoder().encode(value) : value,
  label: "aws-vault (work)",
});

/** Registers the suite for one back end. */
export function testKeyringContract(name: string, subject: KeyringSubject): void {
  const test = (what: string, body: (store: TestStore) => Promise<void>) =>
    Deno.test({
      name: `${name} keyring ${what}`,
      ignore: subject.ignore ?? false,
      ...(subject.loadsLibraries ? { sanitizeResources: false } : {}),
      fn: () => retryCrashes(() => subject.makeStore(), body),
    });
  const withKeyring = async (config: KeyringConfig, body: (keyring: Keyring) => Promise<void>) => {
    const keyring = await (await import(subject.opener) as OpenerModule).openKeyring(config);
    try {
      await body(keyring);
    } finally {
      await keyring.close();
    }
  };
  const testOpen = (what: string, body: (keyring: Keyring, store: TestStore) => Promise<void>) =>
    test(what, (store) => withKeyring(store.config, (keyring) => body(keyring, store)));

  testOpen("has nothing in a new store", async (keyring) => {
    assert.deepEqual(await keyring.keys(), []);
    assert.equal(await keyring.has("work"), false);
    assert.equal(await keyring.get("work"), undefined);
    assert.equal(await keyring.remove("work"), false);
  });

  testOpen("says what it is", (keyring) => {
    assert.equal(keyring.backend, name);
    assert.notEqual(keyring.location, "");
    return Promise.resolve();
  });

  test("keeps awkward keys apart", async (store) => {
    const refused = subject.refusedKeys ?? [];
    const keys = AWKWARD_KEYS.filter((key) => !refused.includes(key));
    await withKeyring(store.config, async (keyring) => {
      for (const key of keys) await keyring.set(key, item(`data of ${key}`));
      for (const key of refused) {
        await assert.rejects(() => keyring.set(key, item("data")), {
          code: subject.refusal ?? "unsupported",
        });
      }
    });
    await withKeyring(store.config, async (keyring) => {
      assert.deepEqual((await keyring.keys()).sort(), [...keys].sort());
      for (const key of keys) {
        assert.equal(await keyring.has(key), true, key);
        assert.equal(text(await keyring.get(key)), `data of ${key}`);
      }
      assert.equal(await keyring.get("wor"), undefined);
      assert.equal(await keyring.get("work/x"), undefined);
      assert.equal(await keyring.has("team"), false);
      for (const [index, key] of keys.entries()) {
        assert.equal(await keyring.remove(key), true, key);
        assert.deepEqual((await keyring.keys()).sort(), keys.slice(index + 1).sort());
      }
    });
  });

  testOpen("gives every byte back as it was", async (keyring) => {
    const largest = subject.largestDataBytes ?? 64 * 1024;
    const samples = {
      nothing: new Uint8Array(),
      nuls: new Uint8Array(32),
      "all bytes": Uint8Array.from({ length: 256 }, (_, byte) => byte),
      "not text": Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80),
      "line ends": new TextEncoder().encode("\r\n one \n\n"),
      largest: Uint8Array.from(
        { length: largest },
        (_, index) => (index * 7 + (index >> 8)) & 0xff,
      ),
    };
    for (const [key, data] of Object.entries(samples)) {
      await keyring.set(key, item(data));
      assert.deepEqual(new Uint8Array((await keyring.get(key))!), data, key);
    }
  });

  test("shows the public name of an item that cannot be read", async (store) => {
    const named = (publicName: string) => ({ ...item(`data of ${publicName}`), publicName });
    const shown = async () => {
      let answers: (boolean | undefined)[] = [];
      await withKeyring(store.sealedConfig ?? store.config, async (keyring) => {
        const names = ["0123456789abcdef", "fedcba9876543210"];
        answers = await Promise.all(names.map((name) => keyring.hasPublicName!("named", name)));
      });
      return answers;
    };
    await withKeyring(store.config, async (keyring) => {
      if (keyring.hasPublicName === undefined) return;
      await keyring.set("plain", item("data"));
      assert.equal(await keyring.hasPublicName("plain", "0123456789abcdef"), undefined);
      await keyring.set("named", named("0123456789abcdef"));
      if (subject.mayRefuseNames && (await shown())[0] === undefined) return;
      assert.deepEqual(await shown(), [true, false]);
      await keyring.set("named", named("0123456789abcdef"));
      assert.deepEqual(await shown(), [true, false]);
      await keyring.set("named", named("fedcba9876543210"));
      assert.deepEqual(await shown(), [false, true]);
      assert.deepEqual((await keyring.keys()).sort(), ["named", "plain"]);
      assert.equal(text(await keyring.get("named")), "data of fedcba9876543210");
      await keyring.remove("named");
      await keyring.set("named", item("data"));
      assert.deepEqual(await shown(), [undefined, undefined]);
    });
  });

  testOpen("replaces an item whole", async (keyring) => {
    await keyring.set("work", item("a long first value".repeat(100)));
    await keyring.set("work", { ...item("short"), label: "another label", description: "why" });
    assert.equal(text(await keyring.get("work")), "short");
    assert.deepEqual(await keyring.keys(), ["work"]);
  });

  testOpen("removes an item once", async (keyring) => {
    await keyring.set("work", item("value"));
    await keyring.set("home", item("other"));
    assert.equal(await keyring.remove("work"), true);
    assert.equal(await keyring.remove("work"), false);
    assert.equal(await keyring.has("work"), false);
    assert.equal(await keyring.get("work"), undefined);
    assert.deepEqual(await keyring.keys(), ["home"]);
    await keyring.set("work", item("again"));
    assert.equal(text(await keyring.get("work")), "again");
  });

  testOpen("lists without reading secrets", async (keyring, store) => {
    if (store.sealedConfig === undefined) return;
    await keyring.set("work", item("value"));
    await keyring.set("team/prod", item("value"));
    await withKeyring(store.sealedConfig, async (sealed) => {
      assert.deepEqual((await sealed.keys()).sort(), ["team/prod", "work"]);
      assert.equal(await sealed.has("work"), true);
      assert.equal(await sealed.has("nobody"), false);
      await assert.rejects(() => sealed.get("work"), VaultError);
    });
  });

  testOpen("loses nothing when two processes write at once", async (keyring, store) => {
    const items = (who: string) =>
      ["1", "2", "3"].map((key) => [`${who}/${key}`, `value of ${who}/${key}`] as const);
    const jobs = ["one", "two"].map((who) => ({
      items: [...items(who), ["shared", who] as const],
    }));
    const ends = await runJobs(subject, store, jobs);
    assert.deepEqual(ends, ["exit 0", "exit 0"]);
    const expected = [...items("one"), ...items("two")];
    const keys = [...expected.map(([key]) => key), "shared"];
    assert.deepEqual((await keyring.keys()).sort(), keys.sort());
    for (const [key, value] of expected) assert.equal(text(await keyring.get(key)), value);
    assert.ok(["one", "two"].includes(text(await keyring.get("shared"))!));
  });

  testOpen("keeps the old or the new value when killed at any step", async (keyring, store) => {
    await keyring.set("other", item("untouched"));
    let steps = 0;
    for (const old of [undefined, "old value"]) {
      for (let dieAtStep = 1;; dieAtStep++) {
        await restore(keyring, old);
        const [end] = await runJobs(subject, store, [{
          items: [["work", "new value"]],
          dieAtStep,
        }]);
        const found = text(await keyring.get("work"));
        const allowed = end === "exit 0" ? ["new value"] : [old, "new value"];
        assert.ok(allowed.includes(found), `${found} after step ${dieAtStep}: ${end}`);
        const keys = found === undefined ? ["other"] : ["other", "work"];
        assert.deepEqual((await keyring.keys()).sort(), keys);
        if (end === "exit 0") break;
        assert.equal(end, "SIGKILL");
        steps++;
      }
    }
    assert.equal(text(await keyring.get("other")), "untouched");
    assert.ok(steps >= 2 * subject.fewestSteps, `only ${steps} steps`);
  });
}

async function restore(keyring: Keyring, value: string | undefined): Promise<void> {
  if (value === undefined) await keyring.remove("work");
  else await keyring.set("work", item(value));
}

function runJobs(
  subject: KeyringSubject,
  store: TestStore,
  jobs: readonly WriteJob[],
): Promise<string[]> {
  const script = new URL("keyring_process.ts", import.meta.url).pathname;
  // From one bundle both or neither: what kills the process is in modules that they share.
  const opener = bundled(new URL(subject.opener).pathname);
  const words = opener === undefined ? sourceWords(script) : scriptWords(script);
  const config = JSON.stringify(store.config);
  const args = jobs.map((job) => [opener ?? subject.opener, config, JSON.stringify(job)]);
  return runTogether(words, args, store.env);
}
