import assert from "node:assert/strict";
import { memoryHost } from "../../tests/fakes/memory_host.ts";
import { type Backend, defineBackend } from "../backend.ts";
import type { Platform } from "../host.ts";
import { chooseBackend, type KeystoreDeps } from "./choose.ts";
import type { TalkingHost } from "../talk.ts";

const choose = (backends: readonly Backend[], name: string | undefined) =>
  chooseBackend(deps(backends), name);

function deps(backends: readonly Backend[], env: Record<string, string> = {}): KeystoreDeps {
  const host = memoryHost({ env }) as unknown as TalkingHost;
  return { host, backends, input: { flags: {}, mayPrompt: false } };
}

/** A table of back ends that were probed, in order. */
function table(
  ...rows: [string, Platform["os"], (string | undefined)?, { isAutomatic: boolean }?][]
) {
  const probed: string[] = [];
  const backends = rows.map(([name, os, reason, more]): Backend => ({
    name,
    platforms: [os],
    isAutomatic: true,
    options: {},
    probe: () => Promise.resolve((probed.push(name), reason)),
    open: () => Promise.reject(new Error("nothing is opened to choose")),
    ...more,
  }));
  return { backends, probed };
}

Deno.test("chooseBackend() takes the first that can be used here, never one for its name only", async () => {
  const { backends, probed } = table(
    ["keychain", "darwin"],
    ["secret-service", "linux", "no bus"],
    ["keyctl", "linux", undefined, { isAutomatic: false }],
    ["pass", "linux"],
    ["file", "linux"],
  );
  const chosen = await choose(backends, undefined);
  assert.deepEqual([chosen.name, probed], ["pass", ["secret-service", "pass"]]);
});

Deno.test("chooseBackend() does not probe a back end that is named", async () => {
  const { backends, probed } = table(["keyctl", "linux", "not here"], ["file", "linux"]);
  const chosen = await choose(backends, "keyctl");
  assert.deepEqual([chosen.name, probed], ["keyctl", []]);
});

Deno.test("chooseBackend() says what is wrong with a name, and what this machine has", async () => {
  const hints = [
    "secret-service cannot be used: no bus",
    "file can be used: --backend=file",
  ];
  const cases = [
    ["keychain", 'Cannot use back end "keychain": it is for macOS'],
    [
      "op",
      'Cannot use back end "op": this aws-vault does not have it',
      "Version 7 has it: move its keys with version 7's migrate-backend to a keystore that both versions have",
    ],
    [
      "files",
      'Cannot use back end "files": there is no back end of that name',
      "Did you mean file?",
    ],
    ["nonsense", 'Cannot use back end "nonsense": there is no back end of that name'],
  ];
  for (const [name = "", message, ...more] of cases) {
    const { backends } = table(
      ["keychain", "darwin"],
      ["secret-service", "linux", "no bus"],
      ["file", "linux"],
    );
    await assert.rejects(choose(backends, name), {
      code: "bad-usage",
      message,
      hints: [...more, ...hints],
    });
  }
});

Deno.test("chooseBackend() fails where nothing can be used", async () => {
  const { backends } = table(["secret-service", "linux", "no bus"]);
  await assert.rejects(choose(backends, undefined), {
    code: "keyring-unavailable",
    hints: ["secret-service cannot be used: no bus"],
  });
});

Deno.test("chooseBackend() does not pass over a back end whose variable is mistyped", async () => {
  const slow = defineBackend({
    name: "slow",
    platforms: ["linux"],
    isAutomatic: true,
    options: {
      patience: { kind: "duration", variable: "AWS_VAULT_PATIENCE", brief: "How long it waits" },
    },
    probe: () => undefined,
    open: () => Promise.reject(new Error("nothing is opened to choose")),
  });
  const { backends } = table(["file", "linux"]);
  const world = deps([slow, ...backends], { AWS_VAULT_PATIENCE: "soon" });
  const mistyped = 'understand AWS_VAULT_PATIENCE: "soon" is not a duration';
  await assert.rejects(chooseBackend(world, undefined), {
    code: "bad-usage",
    message: `Cannot ${mistyped}`,
  });
  await assert.rejects(chooseBackend(world, "files"), {
    message: 'Cannot use back end "files": there is no back end of that name',
    hints: [
      "Did you mean file?",
      `slow cannot be used: cannot ${mistyped}`,
      "file can be used: --backend=file",
    ],
  });
});
