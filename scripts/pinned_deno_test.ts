import assert from "node:assert/strict";
import { type Get, obtainPins, OLDEST, publishedFiles, renderPins } from "./pin_deno.ts";
import {
  basePath,
  checkIngredient,
  type Compare,
  type Ingredient,
  obtainBase,
  parsePins,
  type Pins,
  readPins,
  sha256,
} from "./pinned_deno.ts";
import { TARGETS } from "./build_plan.ts";

const TARGET = "x86_64-unknown-linux-gnu";
const NAME = `denort-2.9.6-${TARGET}`;
const [ONE, TWO] = ["1".repeat(64), "2".repeat(64)];
const bytes = (text: string) => new TextEncoder().encode(text);

const comparing = (pins: Pins): Compare => (ingredient) =>
  void checkIngredient(pins, ingredient, true);

Deno.test("parsePins() reads what sha256sum writes, and takes all else for comments", () => {
  const text = `# why\n${ONE}  deno-2.9.6-x\nnothing  deno-2.9.6-y\n${TWO}  ${NAME}\n`;
  assert.deepEqual(parsePins(text), new Map([["deno-2.9.6-x", ONE], [NAME, TWO]]));
});

Deno.test("checkIngredient() refuses what the table does not say, also of files given by hand where it must be pinned", () => {
  const result = (ingredient: Ingredient, isPinned = true) => {
    try {
      return checkIngredient(new Map([[NAME, ONE]]), ingredient, isPinned);
    } catch (error) {
      return error instanceof Error ? `Error: ${error.message}` : error;
    }
  };
  assert.equal(result({ name: NAME, sha256: ONE }), undefined);
  assert.equal(result({ name: NAME, sha256: ONE, givenBy: "DENORT_BIN" }), undefined);
  assert.equal(
    result({ name: NAME, sha256: TWO }),
    `Error: Cannot use "${NAME}": its SHA-256 is ${TWO}, not ${ONE} as scripts/deno.sha256 says\n` +
      "hint: It was changed on its way or in Deno's cache, or comes from elsewhere than Deno's releases: get it again",
  );
  assert.equal(
    result({ name: "deno-2.9.7-x", sha256: TWO }),
    `Error: Cannot use "deno-2.9.7-x": scripts/deno.sha256 does not name it\n` +
      "hint: Compile with the Deno of that table, add the line with `deno task pin` (docs/releasing.md), " +
      "or compile without --pinned",
  );
  assert.match(String(result({ name: NAME, sha256: TWO }, false)), /^Error: Cannot use /);
  assert.equal(
    result({ name: "deno-2.9.7-x", sha256: TWO }, false),
    `note: Deno gives "deno-2.9.7-x" with the SHA-256 ${TWO}, which scripts/deno.sha256 does not name`,
  );
  // A release does not depend on what happens to be set where it is made.
  for (const givenBy of ["DENORT_BIN", "OFFLINE_DENO"] as const) {
    assert.match(String(result({ name: NAME, sha256: TWO, givenBy })), /^Error: Cannot use /);
    assert.match(
      String(result({ name: "deno-2.9.7-x", sha256: TWO, givenBy })),
      /^Error: Cannot use "deno-2.9.7-x": scripts\/deno.sha256 does not name it\n/,
    );
  }
  assert.equal(
    result({ name: NAME, sha256: TWO, givenBy: "DENORT_BIN" }, false),
    `note: DENORT_BIN gives "${NAME}" with the SHA-256 ${TWO}, not ${ONE}`,
  );
  assert.equal(
    result({ name: "deno-2.9.7-x", sha256: TWO, givenBy: "OFFLINE_DENO" }, false),
    `note: OFFLINE_DENO gives "deno-2.9.7-x" with the SHA-256 ${TWO}, which scripts/deno.sha256 does not name`,
  );
});

/** A zip archive of `deno` and `denort`, also with `.exe`, each of which is the word `base`; not compressed. */
const ARCHIVE = Uint8Array.fromBase64(
  "UEsDBBQAAAAAAAAAIShh/rTABAAAAAQAAAAEAAAAZGVub2Jhc2VQSwMEFAAAAAAAAAAhKGH+tMAEAAAABAAAAAgAAA" +
    "BkZW5vLmV4ZWJhc2VQSwMEFAAAAAAAAAAhKGH+tMAEAAAABAAAAAYAAABkZW5vcnRiYXNlUEsDBBQAAAAAAAAAIShh" +
    "/rTABAAAAAQAAAAKAAAAZGVub3J0LmV4ZWJhc2VQSwECFAMUAAAAAAAAACEoYf60wAQAAAAEAAAABAAAAAAAAAAAAA" +
    "AAgAEAAAAAZGVub1BLAQIUAxQAAAAAAAAAIShh/rTABAAAAAQAAAAIAAAAAAAAAAAAAACAASYAAABkZW5vLmV4ZVBL" +
    "AQIUAxQAAAAAAAAAIShh/rTABAAAAAQAAAAGAAAAAAAAAAAAAACAAVAAAABkZW5vcnRQSwECFAMUAAAAAAAAACEoYf" +
    "60wAQAAAAEAAAACgAAAAAAAAAAAAAAgAF4AAAAZGVub3J0LmV4ZVBLBQYAAAAABAAEANQAAACkAAAAAAA=",
);

/** The same with another word of four letters. */
function archiveOf(word: string): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder("latin1").decode(ARCHIVE).replaceAll("base", word);
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

Deno.test("obtainBase() downloads a base once, and takes no other from Deno's cache or the network", async () => {
  const cache = await Deno.makeTempDir();
  const asked: string[] = [];
  const obtain = async (pinned: string, served: string) => {
    const get = (url: string) => {
      asked.push(url);
      return Promise.resolve(new Response(archiveOf(served)));
    };
    const pins = new Map([[NAME, await sha256(bytes(pinned))]]);
    return new TextDecoder().decode(
      await obtainBase(comparing(pins), "2.9.6", TARGET, cache, get),
    );
  };
  try {
    await assert.rejects(
      obtain("base", "evil"),
      /^Error: Cannot use "denort-2\.9\.6-.*": its SHA-256 is /,
    );
    await assert.rejects(Deno.stat(basePath(cache, "2.9.6", TARGET)), Deno.errors.NotFound);
    assert.equal(await obtain("base", "base"), "base");
    assert.equal(await obtain("base", "evil"), "base");
    const url = `https://dl.deno.land/release/v2.9.6/denort-${TARGET}.zip`;
    assert.deepEqual(asked, [url, url]);

    // Deno would embed this.
    await Deno.writeFile(basePath(cache, "2.9.6", TARGET), archiveOf("evil"));
    await assert.rejects(
      obtain("base", "base"),
      /^Error: Cannot use "denort-2\.9\.6-.*": its SHA-256 is /,
    );
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("obtainBase() says what to do offline", async () => {
  const refused = (get: () => Promise<Response>) =>
    obtainBase(comparing(new Map([[NAME, ONE]])), "2.9.6", TARGET, "/nowhere", get)
      .catch((error) => error.message.split("\n"));
  const hint = "hint: Set DENORT_BIN to a base, and OFFLINE_DENO to the Deno of the same release";
  const message = `Cannot download Deno's runtime base from ` +
    `https://dl.deno.land/release/v2.9.6/denort-${TARGET}.zip`;
  assert.deepEqual(await refused(() => Promise.reject(new Error("no network"))), [
    `${message}: no network`,
    hint,
  ]);
  const missing = { status: 404, statusText: "Not Found" };
  assert.deepEqual(await refused(() => Promise.resolve(new Response("", missing))), [
    `${message}: 404 Not Found`,
    hint,
  ]);
});

Deno.test("renderPins() replaces all lines but those of the oldest release", () => {
  const old =
    `# why\n${ONE}  deno-2.9.6-${TARGET}\n${ONE}  ${NAME}\n${ONE}  deno-2.8.0-${TARGET}\n` +
    `${ONE}  denort-${OLDEST}-${TARGET}\n`;
  assert.equal(
    renderPins(old, new Map([[NAME, TWO]])),
    `# why\n${ONE}  denort-${OLDEST}-${TARGET}\n${TWO}  ${NAME}\n`,
  );
});

/** A place for downloads, and GitHub's account of what is there; `digest` may be another. */
async function serve(changes: { digest?: string; text?: string } = {}): Promise<Get> {
  const digest = changes.digest ?? `sha256:${await sha256(archiveOf("base"))}`;
  const assets = publishedFiles("2.9.6").map(({ archive }) => ({ name: archive, digest }));
  return (url) => {
    if (url === "https://api.github.com/repos/denoland/deno/releases/tags/v2.9.6") {
      return Promise.resolve(Response.json({ assets }));
    }
    assert.match(url, /^https:\/\/dl\.deno\.land\/release\/v2\.9\.6\/deno(rt)?-[\w-]+\.zip$/);
    return Promise.resolve(new Response(archiveOf(changes.text ?? "base")));
  };
}

Deno.test("obtainPins() takes what two places agree on, and what the table does not contradict", async () => {
  const sum = await sha256(bytes("base"));
  const names = publishedFiles("2.9.6").map(({ name }) => name);
  const all = new Map(names.map((name) => [name, sum]));
  assert.equal(names.length, 12);
  assert.deepEqual(await obtainPins("2.9.6", new Map(), await serve()), all);
  assert.deepEqual(await obtainPins("2.9.6", all, await serve()), all);
  const refused = async (known: Pins, changes: Parameters<typeof serve>[0]) => {
    const get = await serve(changes);
    return await obtainPins("2.9.6", known, get).then(() => "none", (error) => error.message);
  };
  assert.match(
    await refused(new Map(), { text: "evil" }),
    /^The archive .*, and GitHub's is another: it is /,
  );
  assert.match(
    await refused(new Map(), { digest: "md5:1" }),
    /, and GitHub's is another: there is none$/,
  );
  assert.match(
    await refused(new Map([[NAME, ONE]]), {}),
    new RegExp(
      `^"${NAME}" has the SHA-256 ${sum}, and scripts/deno\\.sha256's is another: it is ${ONE}$`,
    ),
  );
});

Deno.test("scripts/deno.sha256 names the Deno of the workflows for every platform, and this one", async () => {
  const workflow = new URL("../.github/workflows/release.yml", import.meta.url);
  const version = (await Deno.readTextFile(workflow)).match(/DENO_VERSION: (\S+)/)?.[1];
  const pins = await readPins();
  assert.deepEqual(TARGETS.filter((target) => !pins.has(`deno-${version}-${target}`)), []);
  const names = [...pins.keys()].filter((name) => !name.includes(`-${OLDEST}-`));
  assert.deepEqual(
    names.filter((name) => !publishedFiles(`${version}`).some((file) => file.name === name)),
    [],
  );
});
