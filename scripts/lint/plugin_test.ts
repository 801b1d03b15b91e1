import assert from "node:assert/strict";
import plugin from "./plugin.ts";

/** What the plugin says about a file, as `rule: message`. */
function lint(path: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, path, source)
    .map(({ id, message }) => `${id.replace("vault/", "")}: ${message}`);
}

Deno.test("layers: imports run one way", () => {
  assert.deepEqual(
    lint(
      "src/commands/add.ts",
      `import { obtain } from "../credentials/obtain.ts";
       import type { Host } from "../host.ts";
       import { table } from "./table.ts";
       const lazily = () => import("../server/ecs.ts");`,
    ),
    [],
  );
  assert.deepEqual(
    lint(
      "src/aws/sts.ts",
      `import type { Session } from "../cli/session.ts";
       export { parse } from "../config/ini.ts";
       export * from "../system/host.ts";
       type T = import("../../backends/mod.ts").T;
       const lazily = () => import("../commands/add.ts");`,
    ),
    [
      `layers: "src/aws" imports from "src/cli"`,
      `layers: "src/aws" imports from "src/config"`,
      `layers: "src/aws" imports from "src/system"`,
      `layers: "src/aws" imports from "backends"`,
      `layers: "src/aws" imports from "src/commands"`,
      `no-circles: "src/commands/add.ts" leads back to "src/aws/sts.ts"`,
    ],
  );
});

Deno.test("no-circles: a file does not lead back to itself, not even for its types", () => {
  assert.deepEqual(
    lint(
      "src/errors.ts",
      `import type { Talk } from "./text.ts";
       import type { Talk } from "./talk.ts";
       export { errors } from "./errors.ts";
       const later = () => import("./lock.ts");`,
    ),
    [
      `no-circles: "src/errors.ts" leads back to "src/errors.ts"`,
      `no-circles: "src/lock.ts" leads back to "src/errors.ts"`,
    ],
  );
});

Deno.test("layers: back ends, the system and the vocabulary see only the vocabulary", () => {
  const host = `import type { Host } from "../host.ts";`;
  assert.deepEqual(lint("src/system/host.ts", host), []);
  assert.deepEqual(lint("backends/file.ts", `import { quote } from "../src/text.ts";`), []);
  assert.deepEqual(lint("backends/file.ts", `import { ini } from "../src/config/ini.ts";`), [
    `layers: "backends" imports from "src/config"`,
  ]);
  assert.deepEqual(lint("src/system/host.ts", `import { ini } from "../config/ini.ts";`), [
    `layers: "src/system" imports from "src/config"`,
  ]);
  assert.deepEqual(lint("src/host.ts", `import type { Native } from "./native.ts";`), []);
  assert.deepEqual(lint("src/host.ts", `import { ini } from "./config/ini.ts";`), [
    `layers: "vocabulary" imports from "src/config"`,
  ]);
});

Deno.test("layers: main brings the command line, the system and the back ends together", () => {
  const source = (path: string) => `import { it } from "${path}";`;
  for (const path of ["./src/cli/run.ts", "./src/system/host.ts", "./backends/mod.ts"]) {
    assert.deepEqual(lint("main.ts", source(path)), []);
  }
  assert.deepEqual(lint("main.ts", source("./src/commands/add.ts")), [
    `layers: "main.ts" imports from "src/commands"`,
  ]);
});

Deno.test("layers: the program does not import tests or scripts, which may import everything", () => {
  assert.deepEqual(lint("src/cli/run.ts", `import { fake } from "../../tests/fakes/host.ts";`), [
    `layers: "src/cli" imports "tests/fakes/host.ts"`,
  ]);
  const anything = `import "../src/commands/add.ts"; import "npm:moto"; Deno.exit(Math.random());`;
  assert.deepEqual(lint("tests/stories_test.ts", anything), []);
  assert.deepEqual(lint("scripts/bench.ts", anything), []);
  assert.deepEqual(lint("src/aws/sts_test.ts", anything), []);
});

Deno.test("layers: a new folder asks for a place", () => {
  assert.deepEqual(lint("src/novel/thing.ts", `import { quote } from "../text.ts";`), [
    `layers: The folder "src/novel" has no place in the layers`,
  ]);
});

Deno.test("layers: packages are imported where the table says", () => {
  assert.deepEqual(lint("src/cli/run.ts", `import { run } from "@stricli/core";`), []);
  assert.deepEqual(lint("src/aws/sign.ts", `import { AwsV4Signer } from "aws4fetch";`), []);
  assert.deepEqual(lint("src/system/exec.ts", `import { execve } from "node:process";`), []);
  assert.deepEqual(
    lint(
      "src/config/ini.ts",
      `import type { X } from "jose";
       import { y } from "leftpad";
       import { z } from "node:fs";
       const w = (name: string) => import(name);`,
    ),
    [
      `layers: "src/config" imports "jose"`,
      `layers: "leftpad" is not a module of the project`,
      `layers: "src/config" imports "node:fs"`,
      `layers: The module that is imported is not named`,
    ],
  );
});

Deno.test("lazy-imports: what is costly is loaded where it is used", () => {
  assert.deepEqual(
    lint(
      "src/sso/file.ts",
      `import type { JWK } from "jose"; const open = async () => await import("jose");`,
    ),
    [],
  );
  assert.deepEqual(lint("src/sso/file.ts", `import { compactDecrypt } from "jose";`), [
    `lazy-imports: "jose" is loaded at every start`,
  ]);
  assert.deepEqual(lint("src/system/databases.ts", `import { DatabaseSync } from "node:sqlite";`), [
    `lazy-imports: "node:sqlite" is loaded at every start`,
  ]);
  assert.deepEqual(lint("src/cli/table.ts", `import { add } from "../commands/add.ts";`), [
    `lazy-imports: "../commands/add.ts" is loaded at every start`,
  ]);
  const loader = `const add = { loader: () => import("../commands/add.ts") };`;
  assert.deepEqual(lint("src/cli/table.ts", loader), []);
});

Deno.test("host-only: effects stand in src/system", () => {
  const effects =
    `export const f = () => [Deno.pid, fetch, setTimeout, setInterval, console, process,
    Date.now(), new Date(), Date(), Math.random(), Temporal.Now.instant(), performance.now(),
    crypto.randomUUID(), crypto.getRandomValues(x), AbortSignal.timeout(1), globalThis.fetch,
    Math["random"]()];`;
  const found = lint("src/aws/send.ts", effects)
    .filter((line) => line.startsWith("host-only: "))
    .map((line) => line.replace("host-only: ", "").replace(" outside src/system", ""));
  assert.deepEqual(found.toSorted(), [
    "`AbortSignal.timeout`",
    "`Date()`",
    "`Date.now`",
    "`Deno`",
    "`Math.random`",
    "`Math.random`",
    "`Temporal.Now`",
    "`console`",
    "`crypto.getRandomValues`",
    "`crypto.randomUUID`",
    "`fetch`",
    "`globalThis.fetch`",
    "`new Date()`",
    "`performance.now`",
    "`process`",
    "`setInterval`",
    "`setTimeout`",
  ]);
  const inSystem = lint("src/system/clock.ts", effects).filter((line) => line.startsWith("host"));
  assert.deepEqual(inSystem, []);
});

Deno.test("host-only: the same words as names of members, keys and parameters are free", () => {
  assert.deepEqual(
    lint(
      "src/credentials/process.ts",
      `interface Sender { fetch(url: string): void; console: string }
       type Wait = (setTimeout: number) => void;
       const send = (host: Sender) => host.fetch("x");
       const made = { process: 1, fetch: 2 };
       function run(process: string, { console }: Sender) { return process + console; }
       const day = new Date(0), bytes = crypto.subtle.digest("SHA-256", data);`,
    ),
    [],
  );
});

Deno.test("file-names: snake_case, and a name that says something", () => {
  assert.deepEqual(lint("src/aws/web_identity.ts", ""), []);
  assert.deepEqual(lint("src/aws/web_identity_test.ts", ""), []);
  assert.deepEqual(lint("tests/fakes/fakeHost.ts", ""), [
    `file-names: The file name "fakeHost.ts" is not snake_case`,
  ]);
  assert.deepEqual(lint("scripts/web-identity.ts", ""), [
    `file-names: The file name "web-identity.ts" is not snake_case`,
  ]);
  for (const stem of ["utils", "helpers", "types", "index"]) {
    assert.deepEqual(lint(`src/aws/${stem}.ts`, ""), [
      `file-names: The file name "${stem}.ts" says nothing`,
    ]);
  }
});

Deno.test("docstrings: what is exported says what it is", () => {
  assert.deepEqual(
    lint(
      "src/aws/sts.ts",
      `/** One. */
       export interface One {}
       /** Reads text. */
       export function read(text: string): string;
       export function read(bytes: Uint8Array): string;
       export function read(value: unknown): string { return String(value); }
       // deno-lint-ignore no-explicit-any
       const local = 1;
       export { local };
       export type { Two } from "./two.ts";`,
    ),
    [],
  );
  assert.deepEqual(
    lint(
      "backends/file.ts",
      `export function f() {}
       // A remark is not a docstring.
       export class C {}
       /* Nor is this. */
       export interface I {}
       export type T = string;
       /** Said. */
       export const said = 1;
       export const V = 1;`,
    ),
    ["f", "C", "I", "T", "V"].map((name) =>
      `docstrings: "${name}" is exported without a docstring`
    ),
  );
  assert.deepEqual(lint("tests/fakes/host.ts", `export const fake = 1;`), []);
});

Deno.test("declare-only: nothing runs at import", () => {
  assert.deepEqual(
    lint(
      "src/cli/run.ts",
      `const pattern = /x/;
       const wait = async () => await pattern;
       class C { async m() { await pattern; } }`,
    ),
    [],
  );
  assert.deepEqual(
    lint(
      "src/cli/run.ts",
      `register();
       const answer = await ask();
       for (const x of xs) add(x);`,
    ),
    [
      "declare-only: This runs at import",
      "declare-only: This runs at import",
      "declare-only: This waits at import",
    ],
  );
  assert.deepEqual(lint("main.ts", `await run();`), []);
});

Deno.test("one-way-out: text is printed by one file, as it is by few, and names are quoted", () => {
  const writes = `const it = (host, { stdout }) => {
    stdout.write("x");
    host.stderr.write("x");
    host["stdout"]["write"]("x");
    const { write } = host.files;
  };`;
  const unescaped = "one-way-out: This is printed unescaped";
  assert.deepEqual(lint("src/cli/run.ts", writes), [unescaped, unescaped, unescaped]);
  assert.deepEqual(lint("backends/file/open.ts", writes), [unescaped, unescaped, unescaped]);
  assert.deepEqual(lint("src/print.ts", writes), []);
  assert.deepEqual(lint("src/system/output.ts", writes), []);

  const hidden = `const it = (host, { stderr: err, stdout }) => {
    const out = host.stdout;
    const { write } = stdout;
    const { stdout: other } = host;
    const { columns } = host.stdout;
    const { code, stderr } = run;
  };`;
  const unseen = "one-way-out: What is written to a stream under another name is not seen here";
  assert.deepEqual(lint("src/commands/add.ts", hidden), [unseen, unseen, unseen, unseen]);

  const verbatim = `import { printDocument as print } from "../print.ts";`;
  assert.deepEqual(lint("src/commands/export.ts", verbatim), []);
  assert.deepEqual(lint("src/commands/explain.ts", verbatim), [
    "one-way-out: `printDocument` prints what others wrote as it is",
  ]);

  const hints = "const it = (name) => [`Do: aws-vault add ${name}`," +
    "`aws-vault rotate --resume --delete-other ${name}`, `aws-vault add --backend=${name}`," +
    "`See: aws-vault list (${name})`, `${name} is aws-vault`];";
  const typed = "one-way-out: A name is put into a command to type";
  assert.deepEqual(lint("src/commands/add.ts", hints), [typed, typed, typed]);
});
