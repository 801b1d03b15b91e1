import assert from "node:assert/strict";
import { MemoryKeyring } from "../../tests/fakes/memory_keyring.ts";
import { memoryHost, seededRandom } from "../../tests/fakes/memory_host.ts";
import type { Credentials } from "../credentials.ts";
import { type ErrorCode, VaultError } from "../errors.ts";
import {
  type Database,
  DatabaseFailure,
  type DatabaseOptions,
  type Databases,
} from "../databases.ts";
import { Secret } from "../secret.ts";
import { systemDatabases } from "../system/databases.ts";
import { systemFiles } from "../system/files.ts";
import { systemRandom } from "../system/random.ts";
import { DATA_KEY_NAME, type Keyring } from "../keyring.ts";
import type { SessionCache } from "./cached_sessions.ts";
import { openSessionCache } from "./session_cache.ts";

const IDENTITY = "1".repeat(64);
const OTHER = "2".repeat(64);

/** A state folder with its keyring, in which any number of runs follow each other. */
class World {
  readonly folder = Deno.makeTempDirSync({ prefix: "cache-test-" });
  readonly state = `${this.folder}/state`;
  readonly database = `${this.state}/sessions.db`;
  readonly keyring = new MemoryKeyring();
  readonly host = memoryHost({ env: { AWS_VAULT_STATE_DIR: this.state } });
  /** How often the keyring was opened. */
  opened = 0;

  /** True: the state folder is on a read-only file system. */
  readOnly = false;

  /** How long was waited for databases that others held, in milliseconds; really a tenth of it. */
  readonly waits: number[] = [];

  async run<T>(action: (cache: SessionCache) => T | Promise<T>): Promise<T> {
    const deps = {
      ...this.host,
      files: systemFiles(),
      random: systemRandom(),
      databases: this.#databases(),
    };
    const cache = await openSessionCache(deps, () => {
      this.opened++;
      return Promise.resolve(this.keyring);
    });
    try {
      return await action(cache);
    } finally {
      cache.close();
    }
  }

  #databases(): Databases {
    const load = async () => {
      const open = await systemDatabases().load();
      return (path: string, options: DatabaseOptions) => {
        const busyTimeoutMs = Math.ceil(options.busyTimeoutMs / 10);
        const database = open(path, { ...options, busyTimeoutMs, readOnly: this.readOnly });
        return this.#countWaits(database, options.busyTimeoutMs);
      };
    };
    return { ...systemDatabases(), load };
  }

  #countWaits(database: Database, ms: number): Database {
    const attempt = <T>(call: () => T): T => {
      try {
        return call();
      } catch (error) {
        if (error instanceof DatabaseFailure && error.kind === "busy") this.waits.push(ms);
        throw error;
      }
    };
    return {
      execute: (sql) => attempt(() => database.execute(sql)),
      run: (sql, ...values) => attempt(() => database.run(sql, ...values)),
      all: (sql, ...values) => attempt(() => database.all(sql, ...values)),
      close: () => database.close(),
    };
  }

  async sql(text: string, ...values: (string | number | Uint8Array)[]) {
    const database = await systemDatabases().open(this.database, { busyTimeoutMs: 0 });
    try {
      return database.all(text, ...values).map((row) => ({ ...row }));
    } finally {
      database.close();
    }
  }

  credentials(name = "one", minutes = 60): Credentials {
    return {
      accessKeyId: `ASIA${name}`,
      secretAccessKey: new Secret(`secret-${name}`),
      sessionToken: new Secret(`token-${name}`),
      expiration: this.host.clock.now().add({ minutes }),
      accountId: "123456789012",
    };
  }

  entry(name?: string, minutes?: number) {
    const credentials = this.credentials(name, minutes);
    return {
      kind: "AssumeRole",
      profile: "work",
      sourceKey: "master",
      grantedSeconds: 3600,
      credentials,
    };
  }
}

async function inWorld(test: (world: World) => Promise<void>): Promise<void> {
  const world = new World();
  try {
    await test(world);
  } finally {
    Deno.removeSync(world.folder, { recursive: true });
  }
}

/** Any row with so many seconds left. */
const within = (minTtlSeconds: number) => ({ minTtlSeconds, minGrantedSeconds: 0 });

function plain(credentials: Credentials | undefined) {
  return credentials && {
    ...credentials,
    secretAccessKey: credentials.secretAccessKey.reveal(),
    sessionToken: credentials.sessionToken?.reveal(),
    expiration: credentials.expiration?.toString(),
  };
}

function test(name: string, story: (world: World) => Promise<void>): void {
  Deno.test(name, () => inWorld(story));
}

test("what one run stores the next finds, with one read of the keyring", async (world) => {
  await world.run((cache) => cache.store(IDENTITY, world.entry()));
  world.keyring.reads.length = 0;
  world.opened = 0;
  const found = await world.run(async (cache) => [
    plain(await cache.find(IDENTITY, within(60))),
    plain(await cache.find(IDENTITY, within(0))),
  ]);
  assert.deepEqual(found, [plain(world.credentials()), plain(world.credentials())]);
  assert.deepEqual([world.keyring.reads, world.opened], [[DATA_KEY_NAME], 1]);
  assert.deepEqual(world.host.talk.said, []);
  if (Deno.build.os !== "windows") {
    const modes = [world.state, world.database].map((path) => Deno.statSync(path).mode! & 0o777);
    assert.deepEqual(modes, [0o700, 0o600]);
  }
});

test("a row that was asked for less long than is wanted is a miss, a longer one serves", async (world) => {
  await world.run((cache) => cache.store(IDENTITY, world.entry()));
  const served = await world.run((cache) =>
    Promise.all(
      [0, 900, 3600, 3601].map(async (minGrantedSeconds) =>
        await cache.find(IDENTITY, { minTtlSeconds: 0, minGrantedSeconds }) !== undefined
      ),
    )
  );
  assert.deepEqual(served, [true, true, true, false]);
});

test("a row does not open under another profile, key or grant than it was sealed for", async (world) => {
  for (const change of ["profile = 'prod'", "source_key = 'prod'", "granted_seconds = 43200"]) {
    await world.run((cache) => cache.store(IDENTITY, world.entry()));
    await world.sql(`UPDATE sessions SET ${change}`);
    const found = await world.run((cache) => cache.find(IDENTITY, within(0)));
    assert.equal(found, undefined, change);
  }
});

test("a miss touches neither the keyring nor the disk", async (world) => {
  world.keyring.locked = true;
  const found = await world.run(async (cache) => [
    await cache.find(IDENTITY, within(0)),
    cache.generation("master"),
    cache.list(),
    cache.dropAll(),
    cache.drop(IDENTITY),
  ]);
  assert.deepEqual(found, [undefined, 0, [], 0, false]);
  assert.equal(world.opened, 0);
  assert.deepEqual([...Deno.readDirSync(world.folder)], []);
});

test("a row serves while more than the wanted time is left", async (world) => {
  await world.run(async (cache) => {
    await cache.store(IDENTITY, world.entry("one", 10));
    assert(await cache.find(IDENTITY, within(599)));
    assert.equal(await cache.find(IDENTITY, within(600)), undefined);
    world.host.clock.jump(10 * 60_000);
    assert.equal(await cache.find(IDENTITY, within(0)), undefined);
    assert.deepEqual(cache.list(), []);
  });
});

test("credentials without an end are not cached", async (world) => {
  const { expiration: _, ...forever } = world.credentials();
  await world.run(async (cache) => {
    await cache.store(IDENTITY, { ...world.entry(), credentials: forever });
    assert.equal(await cache.find(IDENTITY, within(0)), undefined);
  });
});

test("secrets of any kind are kept beside credentials", async (world) => {
  const expiration = world.host.clock.now().add({ hours: 1 });
  const entry = { kind: "sso-token", profile: "sso", secret: new Secret("tøken"), expiration };
  await world.run((cache) => cache.storeSecret(IDENTITY, entry));
  await world.run(async (cache) => {
    assert.equal((await cache.findSecret(IDENTITY, 0))?.reveal(), "tøken");
    assert.equal(await cache.find(IDENTITY, within(0)), undefined);
    assert.deepEqual([cache.list(), cache.secrets("sso-token")], [[], [IDENTITY]]);
    cache.count("sso-login:corp");
    assert.deepEqual([cache.generation("sso-login:corp"), cache.generation("other")], [1, 0]);
  });
});

test("a locked keyring is an error where there is a row, and only a warning when storing", async (world) => {
  await world.run((cache) => cache.store(IDENTITY, world.entry()));
  world.keyring.locked = true;
  await world.run(async (cache) => {
    await assert.rejects(cache.find(IDENTITY, within(0)), { code: "keyring-locked" });
    await cache.store(OTHER, world.entry());
    await cache.store(OTHER, world.entry());
  });
  assert.deepEqual(world.host.talk.said, [
    "warning: Sessions are not cached: the keyring is locked",
  ]);
});

test("without a keystore rows are a miss, and nothing is stored", async (world) => {
  await world.run((cache) => cache.store(IDENTITY, world.entry()));
  world.keyring.get = () => Promise.reject(new VaultError("keyring-unavailable", "No keystore"));
  await world.run(async (cache) => {
    assert.equal(await cache.find(IDENTITY, within(0)), undefined);
    await cache.store(OTHER, world.entry());
  });
  assert.deepEqual(world.host.talk.said, ["warning: Sessions are not cached: no keystore"]);
});

test("a damaged or removed data key is replaced by a new one, and old rows are a miss", async (world) => {
  await world.run((cache) => cache.store(IDENTITY, world.entry()));
  world.keyring.items.set(DATA_KEY_NAME, { data: new Uint8Array([1, 2]), label: "" });
  await world.run(async (cache) => {
    assert.equal(await cache.find(IDENTITY, within(0)), undefined);
    await cache.store(IDENTITY, world.entry("two"));
    assert.deepEqual(plain(await cache.find(IDENTITY, within(0))), plain(world.credentials("two")));
  });
  world.keyring.items.delete(DATA_KEY_NAME);
  await world.run(async (cache) => {
    assert.equal(await cache.find(IDENTITY, within(0)), undefined);
    await cache.store(IDENTITY, world.entry("three"));
  });
  assert.deepEqual(world.host.talk.said, [
    "note: The key of the session cache was damaged, and is replaced by a new one",
  ]);
});

test("two keyrings over one folder do not overwrite each other", async (world) => {
  const first = world.keyring.items;
  await world.run((cache) => cache.store(IDENTITY, world.entry("one")));
  const kept = new Map(first);
  first.clear();
  world.keyring.location = "elsewhere";
  await world.run((cache) => cache.store(IDENTITY, world.entry("two")));
  const names = [];
  for (const items of [new Map(first), kept]) {
    first.clear();
    for (const [key, item] of items) first.set(key, item);
    names.push(
      await world.run(async (cache) => (await cache.find(IDENTITY, within(0)))?.accessKeyId),
    );
  }
  assert.deepEqual(names, ["ASIAtwo", "ASIAone"]);
  assert.equal(await world.run((cache) => cache.list().length), 1);
});

test("generations count, and survive the dropping of sessions", async (world) => {
  await world.run(async (cache) => {
    for (const name of ["a", "a", "b"]) await cache.raiseGeneration(name, world.keyring);
    cache.dropAll();
  });
  const counts = await world.run((cache) => ["a", "b", "c"].map((name) => cache.generation(name)));
  assert.deepEqual(counts, [2, 1, 0]);
});

/** A keyring in which every read or write of the data key fails. */
function refusing(keyring: MemoryKeyring, code: ErrorCode): Keyring {
  const refuse = () => Promise.reject(new VaultError(code, "refused"));
  return {
    backend: keyring.backend,
    location: keyring.location,
    has: (key) => keyring.has(key),
    get: refuse,
    set: refuse,
    remove: (key) => keyring.remove(key),
    keys: () => keyring.keys(),
    close: () => {},
  };
}

/** Stores the key of the profile `master`, and a session made from it. */
async function storeSession(world: World): Promise<void> {
  await world.keyring.set("master", { data: new Uint8Array(1), label: "" });
  await world.run((cache) => cache.store(IDENTITY, world.entry()));
}

test("a row that is put back after its key was changed does not serve", async (world) => {
  await storeSession(world);
  await world.run((cache) => cache.store(OTHER, { ...world.entry("other"), sourceKey: "other" }));
  const old = Deno.readFileSync(world.database);
  await world.run((cache) => cache.raiseGeneration("master", world.keyring));
  Deno.writeFileSync(world.database, old);
  await world.run(async (cache) => {
    assert.equal(cache.generation("master"), 0);
    assert.equal(await cache.find(IDENTITY, within(0)), undefined);
    assert.equal((await cache.find(OTHER, within(0)))?.accessKeyId, "ASIAother");
    await world.sql("UPDATE sessions SET changes = 1");
    assert.equal(await cache.find(IDENTITY, within(0)), undefined);
    await cache.store(IDENTITY, world.entry("new"));
    assert.equal((await cache.find(IDENTITY, within(0)))?.accessKeyId, "ASIAnew");
  });
});

test("changes are kept beside the data key as long as a session of before can live", async (world) => {
  await world.run((cache) => cache.store(IDENTITY, world.entry()));
  const raise = async (name: string) => {
    await world.keyring.set(name, { data: new Uint8Array(1), label: "" });
    await world.run((cache) => cache.raiseGeneration(name, world.keyring));
  };
  const kept = () => {
    const { data } = world.keyring.items.get(DATA_KEY_NAME)!;
    const { changes, changed } = JSON.parse(new TextDecoder().decode(data));
    return [changes, changed.map(([name, change]: [string, number]) => `${name} ${change}`)];
  };
  await raise("a");
  world.host.clock.advance(35 * 3_600_000);
  await raise("b");
  assert.deepEqual(kept(), [2, ["a 1", "b 2"]]);
  world.host.clock.advance(2 * 3_600_000);
  await raise("b");
  assert.deepEqual(kept(), [3, ["b 3"]]);
});

test("a change beside a data key that cannot be read takes it away, with what it sealed", async (world) => {
  for (const [code, quiet] of [["wrong-passphrase", false], ["needs-person", true]] as const) {
    await storeSession(world);
    const locked = refusing(world.keyring, code);
    await world.run((cache) => cache.raiseGeneration("master", locked, quiet ? locked : undefined));
    assert.deepEqual(await world.keyring.keys(), ["master"], code);
    assert.deepEqual(await world.run((cache) => cache.list()), [], code);
  }
  await storeSession(world);
  const locked = refusing(world.keyring, "needs-person");
  await assert.rejects(world.run((cache) => cache.raiseGeneration("master", locked)), {
    code: "needs-person",
  });
  assert(await world.keyring.has(DATA_KEY_NAME));
});

test("sessions under a data key that is gone are neither listed nor kept", async (world) => {
  await storeSession(world);
  await world.keyring.remove(DATA_KEY_NAME);
  const opened = { keyring: world.keyring, dataKey: undefined };
  const listed = await world.run(async (cache) => [
    cache.list().length,
    await cache.listOpened(() => Promise.resolve(opened)),
  ]);
  assert.deepEqual(listed, [1, { sessions: [], unknown: 0 }]);
  await world.run((cache) => cache.store(OTHER, world.entry("new")));
  const rows = await world.sql("SELECT identity FROM sessions");
  assert.deepEqual(rows, [{ identity: OTHER }]);
});

test("credentials of a program that says a far year are kept as long as AWS's longest", async (world) => {
  await world.run((cache) => cache.store(IDENTITY, world.entry("far", 1000 * 365 * 24 * 60)));
  const find = () => world.run((cache) => cache.find(IDENTITY, within(0)));
  world.host.clock.advance(35 * 3_600_000);
  assert.equal((await find())?.accessKeyId, "ASIAfar");
  world.host.clock.advance(2 * 3_600_000);
  assert.equal(await find(), undefined);
});

test("sessions are dropped by identity, profile, key, or all", async (world) => {
  await world.run(async (cache) => {
    const rows = [["a", "p", "k"], ["b", "p", "l"], ["c", "q", "l"], ["d", "r", undefined], [
      "e",
      "r",
      "m",
    ]] as const;
    for (const [identity, profile, sourceKey] of rows) {
      await cache.store(identity, { ...world.entry(), profile, sourceKey });
    }
    const identities = () => cache.list().map((row) => row.identity).join("");
    assert.deepEqual([cache.dropProfile("p"), identities()], [2, "cde"]);
    assert.deepEqual([cache.dropSourceKey("l"), identities()], [1, "de"]);
    assert.deepEqual([cache.drop("d"), cache.drop("d"), identities()], [true, false, "e"]);
    assert.deepEqual([cache.dropAll(), identities()], [1, ""]);
  });
});

test("what is dropped leaves no byte in the file", async (world) => {
  const profile = "a-profile-that-is-found-again";
  const holdsIt = () => Deno.readTextFileSync(world.database).includes(profile);
  await world.run((cache) => cache.store(IDENTITY, { ...world.entry(), profile }));
  assert(holdsIt());
  await world.run((cache) => Promise.resolve(cache.dropAll()));
  assert.equal(holdsIt(), false);
});

test("expired rows are cleaned up with a write, a bounded number at a time", async (world) => {
  await world.run(async (cache) => {
    await cache.store(IDENTITY, world.entry("one", 10));
    await world.sql(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
      INSERT INTO sessions SELECT 'old' || i, key_id, kind, profile, source_key, i, granted_seconds, changes,
        sealed
      FROM n, (SELECT * FROM sessions LIMIT 1)`);
    for (const left of [151, 51, 1]) {
      await cache.store(`new${left}`, world.entry());
      const [row] = await world.sql(
        "SELECT count(*) AS n FROM sessions WHERE identity GLOB 'old*' OR identity = ?",
        IDENTITY,
      );
      assert.equal(row?.["n"], left);
    }
  });
});

test("nothing that is stored can be read from the files without the key", async (world) => {
  await world.run((cache) => cache.store(IDENTITY, world.entry()));
  const key = new TextDecoder().decode(world.keyring.items.get(DATA_KEY_NAME)!.data);
  const secrets = ["ASIAone", "secret-one", "token-one", "123456789012", JSON.parse(key).key];
  for (const entry of Deno.readDirSync(world.state)) {
    if (!entry.isFile) continue;
    const bytes = Deno.readFileSync(`${world.state}/${entry.name}`);
    const text = new TextDecoder("latin1").decode(bytes);
    for (const secret of secrets) assert(!text.includes(secret), `${secret} in ${entry.name}`);
  }
  world.keyring.items.clear();
  assert.equal(await world.run((cache) => cache.find(IDENTITY, within(0))), undefined);
});

test("rows that were moved, prolonged or changed in SQL are a miss", async (world) => {
  const changes = [
    `UPDATE sessions SET identity = '${OTHER}' WHERE identity = '${IDENTITY}'`,
    "UPDATE sessions SET kind = 'GetSessionToken'",
    "UPDATE sessions SET expiration = expiration + 1",
    "UPDATE sessions SET sealed = zeroblob(50)",
    "UPDATE sessions SET sealed = 'text'",
    "UPDATE sessions SET key_id = 'ffffffffffffffff'",
  ];
  for (const change of changes) {
    await world.run((cache) => cache.store(IDENTITY, world.entry()));
    await world.sql(change);
    const found = await world.run(async (cache) => [
      await cache.find(IDENTITY, within(0)),
      await cache.find(OTHER, within(0)),
    ]);
    assert.deepEqual(found, [undefined, undefined], change);
    await world.run((cache) => cache.dropAll());
  }
});

function filesOf(world: World): string[] {
  return [...Deno.readDirSync(world.state)].map((entry) => entry.name).sort();
}

test("a damaged database is set aside, reported once, and replaced by a new one", async (world) => {
  const time = world.host.clock.now().epochMilliseconds;
  Deno.mkdirSync(world.state);
  Deno.writeTextFileSync(world.database, "not a database: forty bytes, or nearly so");
  Deno.writeTextFileSync(`${world.database}-journal`, "left over");
  await world.run(async (cache) => {
    assert.equal(await cache.find(IDENTITY, within(0)), undefined);
    await cache.store(IDENTITY, world.entry());
    assert(await cache.find(IDENTITY, within(0)));
  });
  assert.deepEqual(filesOf(world), ["locks", "sessions.db", `sessions.db.damaged-${time}`]);
  assert.deepEqual(world.host.talk.said, [
    `warning: The session cache was damaged and is replaced by a new one; ` +
    `the old one is now "${world.database}.damaged-${time}"`,
  ]);
});

test("who only looks at a damaged database changes nothing, and the next writer sets it aside", async (world) => {
  const time = world.host.clock.now().epochMilliseconds;
  Deno.mkdirSync(world.state);
  const text = "not a database: forty bytes, or nearly so";
  Deno.writeTextFileSync(world.database, text);
  await world.run(async (cache) => {
    assert.deepEqual([cache.list(), cache.generation("a"), [...cache.keysCreated()]], [[], 0, []]);
    assert.equal(await cache.find(IDENTITY, within(0)), undefined);
    assert.throws(() => cache.requireWorking(), {
      code: "file-failed",
      message: `Cannot use the session cache: "${world.database}": file is not a database`,
    });
  });
  assert.deepEqual(filesOf(world), ["sessions.db"]);
  assert.equal(Deno.readTextFileSync(world.database), text);
  assert.deepEqual(world.host.talk.said, []);
  await world.run((cache) => {
    assert.deepEqual(cache.list(), []);
    assert.equal(cache.dropAll(), 0);
    cache.requireWorking();
  });
  assert.deepEqual(filesOf(world), ["locks", `sessions.db.damaged-${time}`]);
  assert.equal(world.host.talk.said.length, 1);
});

test("a database that another process replaced after a look stays", async (world) => {
  Deno.mkdirSync(world.state);
  Deno.writeTextFileSync(world.database, "not a database: forty bytes, or nearly so");
  await world.run(async (cache) => {
    assert.deepEqual(cache.list(), []);
    Deno.removeSync(world.database);
    await world.run((other) => other.store(OTHER, world.entry("other")));
    await cache.store(IDENTITY, world.entry());
  });
  const found = await world.run((cache) =>
    Promise.all([IDENTITY, OTHER].map((identity) => cache.find(identity, within(0))))
  );
  assert.deepEqual(found.map((one) => one?.accessKeyId), ["ASIAone", "ASIAother"]);
  assert.deepEqual(world.host.talk.said, []);
});

test("a database damaged anywhere is never a crash", async (world) => {
  await world.run(async (cache) => {
    for (let i = 0; i < 20; i++) await cache.store(`${i}`, world.entry(`${i}`));
  });
  const sound = Deno.readFileSync(world.database);
  const random = seededRandom();
  for (let at = 0; at < sound.length; at += 397) {
    const bytes = sound.slice();
    const damaged = bytes.subarray(at, at + 40);
    damaged.set(random.bytes(damaged.length));
    Deno.writeFileSync(world.database, bytes);
    await world.run(async (cache) => {
      await cache.find("7", within(0));
      cache.generation("a");
      cache.list();
      await cache.raiseGeneration("a", world.keyring);
      await cache.store("7", world.entry("new"));
      assert.equal((await cache.find("7", within(0)))?.accessKeyId, "ASIAnew", `damage at ${at}`);
    });
    world.host.clock.advance(1);
  }
});

test("a newer database is left alone, and this version works beside it", async (world) => {
  await world.run((cache) => cache.store(IDENTITY, world.entry()));
  await world.sql("ALTER TABLE sessions RENAME TO other");
  await world.sql("PRAGMA user_version = 999");
  const before = Deno.readFileSync(world.database);
  for (let run = 0; run < 2; run++) {
    await world.run(async (cache) => {
      assert.equal(await cache.find(IDENTITY, within(0)) !== undefined, run === 1);
      await cache.store(IDENTITY, world.entry());
    });
  }
  assert.deepEqual(Deno.readFileSync(world.database), before);
  assert.deepEqual(filesOf(world), ["locks", "sessions.db", "sessions.v1.db"]);
  assert.deepEqual(world.host.talk.said, [
    `note: "${world.database}" belongs to a newer aws-vault and is left alone: ` +
    `this one keeps its sessions in "sessions.v1.db"`,
  ]);
});

test("a key replaced by one version is replaced for versions before and after it", async (world) => {
  await world.run((cache) => cache.store(IDENTITY, world.entry()));
  for (const name of ["sessions.v2.db", "sessions.v7.db"]) {
    Deno.copyFileSync(world.database, `${world.state}/${name}`);
  }
  Deno.writeTextFileSync(`${world.state}/sessions.v8.db`, "not a database");
  await world.run((cache) => cache.raiseGeneration("master", world.keyring));
  const generations = [];
  for (const name of ["sessions.db", "sessions.v2.db", "sessions.v7.db"]) {
    const database = await systemDatabases().open(`${world.state}/${name}`, { busyTimeoutMs: 0 });
    generations.push(
      ...database.all("SELECT * FROM generations").map((row) => ({ ...row })),
    );
    database.close();
  }
  assert.deepEqual(generations, Array(3).fill({ key_name: "master", generation: 1 }));
  assert.deepEqual(world.host.talk.said, []);
});

test("a database that becomes newer, or goes away, under a run is left at once", async (world) => {
  await world.run(async (cache) => {
    await cache.store(IDENTITY, world.entry());
    // Windows keeps a database that is open.
    if (Deno.build.os !== "windows") Deno.removeSync(world.database);
    await cache.store(IDENTITY, world.entry());
    assert(await cache.find(IDENTITY, within(0)));
    await world.sql("PRAGMA user_version = 999");
    await cache.store(IDENTITY, world.entry("two"));
    assert.equal((await cache.find(IDENTITY, within(0)))?.accessKeyId, "ASIAtwo");
  });
  assert.deepEqual(filesOf(world), ["locks", "sessions.db", "sessions.v1.db"]);
});

test("without a folder that can be made the run goes on uncached and says so once", async (world) => {
  Deno.writeTextFileSync(world.state, "a file in the way");
  await world.run(async (cache) => {
    await cache.store(IDENTITY, world.entry());
    await cache.store(IDENTITY, world.entry());
    await cache.raiseGeneration("a", world.keyring);
    assert.equal(await cache.find(IDENTITY, within(0)), undefined);
  });
  assert.deepEqual(world.host.talk.said, [
    `warning: Continuing without the session cache: ` +
    `Cannot create the folder "${world.state}": what is there is not a folder`,
  ]);
  assert.equal(world.opened, 0);
});

test("a read-only state folder still reads, and says once that nothing is kept", async (world) => {
  await world.run((cache) => cache.store(IDENTITY, world.entry()));
  world.readOnly = true;
  await world.run(async (cache) => {
    assert.deepEqual(plain(await cache.find(IDENTITY, within(0))), plain(world.credentials()));
    await cache.store(OTHER, world.entry());
    await cache.store(OTHER, world.entry());
    assert.equal(cache.dropAll(), 0);
    assert.equal(cache.list().length, 1);
  });
  assert.deepEqual(world.host.talk.said, [
    `warning: Continuing without the session cache: "${world.database}": ` +
    "attempt to write a readonly database",
  ]);
});

test("without a home folder the run goes on uncached and says what to set", async (world) => {
  const deps = {
    ...memoryHost({ platform: { home: undefined } }),
    files: systemFiles(),
    databases: systemDatabases(),
  };
  const cache = await openSessionCache(deps, () => Promise.resolve(world.keyring));
  await cache.store(IDENTITY, world.entry());
  assert.equal(await cache.find(IDENTITY, within(0)), undefined);
  assert.deepEqual(deps.talk.said, [
    "warning: Continuing without the session cache: the home folder is unknown; set AWS_VAULT_STATE_DIR",
  ]);
});

test("a database that somebody holds locked costs one wait, and one warning", async (world) => {
  await world.run((cache) => cache.store(IDENTITY, world.entry()));
  const holder = await systemDatabases().open(world.database, { busyTimeoutMs: 0 });
  holder.execute("BEGIN EXCLUSIVE");
  await world.run(async (cache) => {
    assert.equal(await cache.find(IDENTITY, within(0)), undefined);
    assert.equal(cache.generation("master"), 0);
    await cache.store(OTHER, world.entry());
    await cache.raiseGeneration("master", world.keyring);
    assert.equal(await world.keyring.has(DATA_KEY_NAME), false);
    assert.equal(cache.dropAll(), 0);
    assert.throws(() => cache.requireWorking(), { code: "file-failed" });
  });
  holder.close();
  assert.deepEqual(world.waits, [5_000]);
  assert.deepEqual(world.host.talk.said, [
    `warning: Continuing without the session cache: "${world.database}": database is locked`,
  ]);
});

test("a database that was held locked is used again after a while", async (world) => {
  await world.run((cache) => cache.raiseGeneration("master", world.keyring));
  const holder = await systemDatabases().open(world.database, { busyTimeoutMs: 0 });
  await world.run(async (cache) => {
    holder.execute("BEGIN EXCLUSIVE");
    await cache.store(IDENTITY, world.entry());
    holder.execute("ROLLBACK");
    world.host.clock.advance(9_999);
    await cache.store(IDENTITY, world.entry());
    assert.equal(await cache.find(IDENTITY, within(0)), undefined);
    // As long as a person takes to sign in: others read what came of it.
    world.host.clock.advance(1);
    await cache.store(IDENTITY, world.entry());
    assert.deepEqual(plain(await cache.find(IDENTITY, within(0))), plain(world.credentials()));
  });
  holder.close();
  assert.deepEqual(world.waits, [5_000]);
});

test("databases of other versions that somebody holds locked cost one wait in all", async (world) => {
  await world.run((cache) => cache.store(IDENTITY, world.entry()));
  const holders = [];
  for (const name of ["sessions.v2.db", "sessions.v3.db"]) {
    Deno.copyFileSync(world.database, `${world.state}/${name}`);
    const holder = await systemDatabases().open(`${world.state}/${name}`, { busyTimeoutMs: 0 });
    holder.execute("BEGIN EXCLUSIVE");
    holders.push(holder);
  }
  await world.run(async (cache) => {
    await cache.raiseGeneration("master", world.keyring);
    await cache.raiseGeneration("master", world.keyring);
    assert.equal(cache.generation("master"), 2);
  });
  for (const holder of holders) holder.close();
  // One wait for one of them; then each is tried once a change.
  assert.deepEqual(world.waits, [5_000, 0, 0, 0]);
  assert.deepEqual(world.host.talk.said, []);
});

test("a database with numbers or a version that it cannot have is set aside", async (world) => {
  const changes = [
    "UPDATE sessions SET granted_seconds = 9223372036854775807",
    "UPDATE generations SET generation = 9223372036854775807",
    "PRAGMA user_version = -5",
  ];
  for (const change of changes) {
    await world.run(async (cache) => {
      await cache.raiseGeneration("master", world.keyring);
      await cache.store(IDENTITY, world.entry());
    });
    await world.sql(change);
    await world.run(async (cache) => {
      cache.generation("master");
      assert.equal(await cache.find(IDENTITY, within(0)), undefined, change);
      await cache.store(IDENTITY, world.entry());
    });
    const found = await world.run((cache) => cache.find(IDENTITY, within(0)));
    assert.equal(found?.accessKeyId, "ASIAone", change);
  }
  const said = world.host.talk.said.map((line) => line.replace(/;.*/, ""));
  assert.deepEqual(
    said,
    changes.map(() => "warning: The session cache was damaged and is replaced by a new one"),
  );
});

test("numbers that are not numbers are misses, not failures", async (world) => {
  await world.run((cache) => {
    cache.noteKeyCreated("master", Temporal.Instant.from("2026-01-01T00:00:00Z"));
    return cache.store(IDENTITY, world.entry());
  });
  for (const value of ["'soon'", "1e300", "x'00'", "9e15", "1.5"]) {
    await world.sql(`UPDATE sessions SET expiration = ${value}`);
    await world.sql(`UPDATE key_facts SET created = ${value}`);
    await world.run(async (cache) => {
      assert.equal(await cache.find(IDENTITY, within(0)), undefined, value);
      assert.deepEqual(cache.list(), [], value);
      assert.equal(cache.keyCreated("master"), undefined, value);
      assert.deepEqual([...cache.keysCreated()], [], value);
    });
  }
  assert.deepEqual(world.host.talk.said, []);
});

test("a data key that cannot be read is a miss with one warning; a locked keyring is an error", async (world) => {
  await world.run((cache) => cache.store(IDENTITY, world.entry()));
  const get = world.keyring.get.bind(world.keyring);
  for (const code of ["file-failed", "wrong-passphrase", "keyring-failed"] as const) {
    world.keyring.get = () => Promise.reject(new VaultError(code, "it is another's"));
    await world.run(async (cache) => {
      assert.equal(await cache.find(IDENTITY, within(0)), undefined);
      assert.equal(await cache.find(IDENTITY, within(0)), undefined);
      await cache.store(OTHER, world.entry());
    });
  }
  assert.deepEqual(world.host.talk.said, [
    "warning: Cached sessions cannot be opened: it is another's; " +
    "aws-vault clear creates a new key for the session cache",
  ]);
  world.keyring.get = () => Promise.reject(new VaultError("keyring-locked", "locked"));
  await world.run(async (cache) => {
    await assert.rejects(cache.find(IDENTITY, within(0)), { code: "keyring-locked" });
  });
  world.keyring.get = get;
  await world.run(async (cache) => assert(await cache.find(IDENTITY, within(0))));
});
