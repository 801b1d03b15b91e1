/**
 * One process of the single-flight tests: `flight_worker.ts MODE STATE_FOLDER LOG DELAY_MS`.
 *
 * `fly` obtains credentials with one flight, each act adding a line to the log and then taking its
 * time; `store` caches credentials of its own. Says `waiting` once it has looked for others' result
 * twice, `acting` in the act, and then the access key that it got.
 */

import type { Credentials } from "../../src/credentials.ts";
import type { Keyring, KeyringItem } from "../../src/keyring.ts";
import { Secret } from "../../src/secret.ts";
import { singleFlight } from "../../src/cache/flight.ts";
import { openSessionCache } from "../../src/cache/session_cache.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemDatabases } from "../../src/system/databases.ts";
import { systemFiles } from "../../src/system/files.ts";
import { systemPlatform } from "../../src/system/platform.ts";
import { systemRandom } from "../../src/system/random.ts";
import { memoryEnv } from "../fakes/memory_host.ts";

const [mode, state, log, delayMs] = Deno.args as [string, string, string, string];
const say = (text: string) => console.error(text);
// On a slow machine the notice of who is waited for is right; any other output is a failure.
const note = (text: string) => text.startsWith("Waiting for ") || say(text);
const env = memoryEnv({ AWS_VAULT_STATE_DIR: state });
const deps = {
  env,
  platform: systemPlatform(env),
  clock: systemClock(),
  random: systemRandom(),
  files: systemFiles(),
  databases: systemDatabases(),
  talk: { answer: say, say, note, insist: note, warn: say, hint: say, debug: () => {} },
};

/** A keyring of one file an item, unsealed: what is tested is who reads and writes it when. */
function fileKeyring(): Keyring {
  const path = (key: string) => `${state}/../keyring-${encodeURIComponent(key)}`;
  return {
    backend: "test",
    location: state,
    has: (key) => Promise.resolve(deps.files.info(path(key)) !== undefined),
    get: (key) => Promise.resolve(deps.files.readBytes(path(key))),
    set: (key: string, item: KeyringItem) =>
      Promise.resolve(deps.files.writeWhole(path(key), item.data)),
    remove: (key) => Promise.resolve(deps.files.remove(path(key))),
    keys: () => Promise.resolve([]),
    close: () => {},
  };
}

function credentials(): Credentials {
  return {
    accessKeyId: `ASIA${deps.random.bytes(8).toHex()}`,
    secretAccessKey: new Secret("secret"),
    sessionToken: new Secret("token"),
    expiration: deps.clock.now().add({ hours: 1 }),
  };
}

const ANY = { minTtlSeconds: 0, minGrantedSeconds: 0 };

async function main(): Promise<string> {
  const cache = await openSessionCache(deps, () => Promise.resolve(fileKeyring()));
  const owner = { kind: "AssumeRole", profile: "work", grantedSeconds: 3600 };
  const entry = { ...owner, credentials: credentials() };
  if (mode === "store") {
    await cache.store(`${Deno.pid}`, entry);
    return (await cache.find(`${Deno.pid}`, ANY))!.accessKeyId;
  }
  const identity = "1".repeat(64);
  let looks = 0;
  const flown = await singleFlight(deps, { identity, profile: "work" }, {
    look: () => {
      if (++looks === 2) console.log("waiting");
      return cache.find(identity, { ...ANY, minTtlSeconds: 60 });
    },
    act: async () => {
      Deno.writeTextFileSync(log, "act\n", { append: true });
      console.log("acting");
      await deps.clock.sleep(Number(delayMs));
      await cache.store(identity, entry);
      return entry.credentials;
    },
  });
  return flown.accessKeyId;
}

console.log(await main());
