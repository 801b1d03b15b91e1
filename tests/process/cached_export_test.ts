/**
 * What the path that matters costs: a cached `export --format=json` (docs/architecture.md, "A
 * cached export").
 */

import assert from "node:assert/strict";
import { BACKENDS } from "../../backends/mod.ts";
import type { Backend } from "../../src/backend.ts";
import { DATA_KEY_NAME } from "../../src/keyring.ts";
import { Home } from "../home.ts";
import { SsoHome } from "../sso/sso_home.ts";
import { everyBackend, uniqueProfile } from "../services/every_backend.ts";
import { launch, sourceWords } from "./launch.ts";

const FILE = (path: string) => new URL(path, import.meta.url);

for (const backend of everyBackend()) {
  Deno.test({
    name: `a cached export reads the keyring once at most: ${backend.name}`,
    ignore: backend.ignore,
    // The libraries of the system stay loaded.
    sanitizeResources: false,
    async fn() {
      await using home = await Home.open();
      await using store = await backend.start();
      const profile = uniqueProfile();
      Object.assign(home.as("work").env, store.env, {
        HOME: home.path,
        AWS_VAULT_STATE_DIR: `${home.path}/state`,
        AWS_VAULT_BACKEND: backend.name,
      });
      const reads: string[] = [];
      home.backends = BACKENDS.map((row) => counting(row, reads));
      // In this process also where a binary is tested, which has no such rows.
      const run = async (...words: string[]) => {
        const finished = await home.runOn((host) => host, ...words);
        assert.equal(finished.code, 0, finished.stderr);
        return finished;
      };
      try {
        await run("add", "--env", profile);
        const first = await run("export", "--format=json", profile);
        reads.length = 0;
        const second = await run("export", "--format=json", profile);
        assert.deepEqual([second.stdout, second.stderr], [first.stdout, ""]);
        assert.deepEqual(reads, [DATA_KEY_NAME]);
        assert.equal(home.aws.takeCalls().length, 1);
      } finally {
        await run("remove", "--force", profile);
      }
    },
  });
}

/** Counts on the keyring itself: its own methods must not notice. */
function counting(backend: Backend, reads: string[]): Backend {
  return {
    ...backend,
    async open(host, options) {
      const keyring = await backend.open(host, options);
      const get = keyring.get.bind(keyring);
      keyring.get = (key) => (reads.push(key), get(key));
      return keyring;
    },
  };
}

/** Modules that a cached export has no use for, by a part of their address that is theirs alone. */
const UNUSED = [
  "src/aws/sts.ts",
  "src/aws/query.ts",
  "src/aws/sign.ts",
  "src/aws/send.ts",
  "src/aws/xml.ts",
  "src/credentials/walk.ts",
  "src/lock.ts",
  "src/credentials/mfa.ts",
  "src/keystore/elsewhere.ts",
  "src/commands/add.ts",
  "src/commands/exec.ts",
  "src/commands/import.ts",
  "src/commands/migrate_backend.ts",
  "src/commands/rotate.ts",
  "backends/secret_service/keyring.ts",
  "src/aws/rest_json.ts",
  "src/browser/choose_browser.ts",
  "src/sso/access_token.ts",
  "src/sso/login.ts",
  "src/credentials/sources/obtain_role_credentials.ts",
];

Deno.test("a cached export loads no code that it does not use", async () => {
  await using home = await Home.open();
  home.as("work");
  const run = (words: string[], ...args: string[]) => launch(args, home.env, words).finished;
  const main = FILE("../../main.ts").pathname;
  await run(sourceWords(main), "add", "--env", "work");
  const first = await run(sourceWords(main), "export", "--format=json", "work");
  const poisoned = sourceWords(main, `--import-map=${writePoisonedMap(home.path)}`);
  assert.deepEqual(await run(poisoned, "export", "--format=json", "work"), first);
  // The poison works: what is not cached needs that code.
  const uncached = await run(poisoned, "export", "--no-cache", "--format=json", "work");
  assert.deepEqual([uncached.code, uncached.stdout], [1, ""]);
});

Deno.test("a cached export of an Identity Center role loads nothing of a login", async () => {
  await using home = await SsoHome.with({ intervalSeconds: 1 });
  const run = (words: string[], ...args: string[]) => launch(args, home.env, words).finished;
  const main = FILE("../../main.ts").pathname;
  await run(sourceWords(main), "sso", "login", "--sso-device-code");
  const first = await run(sourceWords(main), "export", "--format=json", "dev");
  assert.equal(first.code, 0, first.stderr);
  home.aws.takeCalls();
  const poisoned = sourceWords(main, `--import-map=${writePoisonedMap(home.path)}`);
  assert.deepEqual(await run(poisoned, "export", "--format=json", "dev"), first);
  assert.deepEqual(home.aws.takeCalls(), []);
  const uncached = await run(poisoned, "export", "--no-cache", "--format=json", "dev");
  assert.deepEqual([uncached.code, uncached.stdout], [1, ""]);
});

/** An import map in which modules that must not be loaded throw. */
function writePoisonedMap(folder: string): string {
  const { imports } = JSON.parse(Deno.readTextFileSync(FILE("../../deno.json")));
  const poison = "data:text/javascript,throw new Error('this module must not be loaded')";
  const own = UNUSED.map((path) => {
    const url = FILE(`../../${path}`);
    Deno.statSync(url);
    return [url.href, poison];
  });
  const packages = ["aws4fetch", "fast-xml-parser", "jose"].map((name) => [name, poison]);
  const map = { ...imports, ...Object.fromEntries([...own, ...packages]) };
  const path = `${folder}/import_map.json`;
  Deno.writeTextFileSync(path, JSON.stringify({ imports: map }));
  return path;
}
