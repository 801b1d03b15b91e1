import assert from "node:assert/strict";
import { DatabaseFailure } from "../databases.ts";
import { failureKind, systemDatabases } from "./databases.ts";

const databases = systemDatabases();
const options = { busyTimeoutMs: 0 };

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "databases-test-" });
  try {
    await test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function failure(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    assert(error instanceof DatabaseFailure);
    return error.kind;
  }
  throw new Error("nothing was thrown");
}

Deno.test("open() makes a private database that gives back what was stored", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a.db`;
    const database = await databases.open(path, options);
    database.execute("CREATE TABLE t (n INTEGER, x REAL, s TEXT, b BLOB, z)");
    const values = [1, 1.5, "é", new Uint8Array([0, 255]), null] as const;
    assert.equal(database.run("INSERT INTO t VALUES (?, ?, ?, ?, ?)", ...values), 1);
    assert.deepEqual(database.all("SELECT * FROM t WHERE n = ?", 1).map((row) => ({ ...row })), [
      { n: 1, x: 1.5, s: "é", b: new Uint8Array([0, 255]), z: null },
    ]);
    assert.deepEqual(database.all("PRAGMA journal_mode").map((row) => ({ ...row })), [
      { journal_mode: "delete" },
    ]);
    database.close();
    if (Deno.build.os !== "windows") assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
  }));

Deno.test("a file that is not a database is damaged, a missing folder is unwritable", () =>
  inFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/text`, "not a database ".repeat(100));
    const text = await databases.open(`${folder}/text`, options);
    assert.equal(await failure(() => text.all("PRAGMA user_version")), "damaged");
    text.close();
    assert.equal(await failure(() => databases.open(`${folder}/none/a.db`, options)), "unwritable");
    const missing = { busyTimeoutMs: 0, readOnly: true };
    assert.equal(await failure(() => databases.open(`${folder}/b.db`, missing)), "unwritable");
  }));

Deno.test("a database that another connection writes is busy, and one opened to be read stays as it is", () =>
  inFolder(async (folder) => {
    const writer = await databases.open(`${folder}/a.db`, options);
    writer.execute("CREATE TABLE t (n); BEGIN EXCLUSIVE");
    const other = await databases.open(`${folder}/a.db`, options);
    assert.equal(await failure(() => other.run("INSERT INTO t VALUES (1)")), "busy");
    writer.execute("COMMIT");
    const reader = await databases.open(`${folder}/a.db`, { busyTimeoutMs: 0, readOnly: true });
    assert.equal(await failure(() => reader.run("INSERT INTO t VALUES (1)")), "unwritable");
    assert.equal(await failure(() => reader.all("SELECT * FROM nothing")), "other");
    for (const database of [writer, other, reader]) database.close();
  }));

Deno.test("failureKind() knows SQLite's words", () => {
  const kinds = {
    "database disk image is malformed": "damaged",
    "file is not a database": "damaged",
    "database is locked": "busy",
    "attempt to write a readonly database": "unwritable",
    "unable to open database file: /x": "unwritable",
    "database or disk is full": "unwritable",
    "disk I/O error": "unwritable",
    "no such table: t": "other",
  };
  for (const [message, kind] of Object.entries(kinds)) assert.equal(failureKind(message), kind);
});
