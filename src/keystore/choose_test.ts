import assert from "node:assert/strict";
import { memoryHost } from "../../tests/fakes/memory_host.ts";
import type { Backend, BackendHost } from "../backend.ts";
import type { BackendName } from "../keyring.ts";
import type { Platform } from "../host.ts";
import { chooseBackend } from "./choose.ts";

const OPTIONS = { mayPrompt: false };

/** A table of back ends that were probed, in order. */
function table(
  ...rows: [BackendName, Platform["os"], (string | undefined)?, { isAutomatic: boolean }?][]
) {
  const probed: string[] = [];
  const backends = rows.map(([name, os, reason, more]): Backend => ({
    name,
    platforms: [os],
    isAutomatic: true,
    probe: () => Promise.resolve((probed.push(name), reason)),
    open: () => Promise.reject(new Error("nothing is opened to choose")),
    ...more,
  }));
  return { backends, probed };
}

const host = () => memoryHost() as unknown as BackendHost;

Deno.test("chooseBackend() takes the first that can be used here, never one for its name only", async () => {
  const { backends, probed } = table(
    ["keychain", "darwin"],
    ["secret-service", "linux", "no bus"],
    ["keyctl", "linux", undefined, { isAutomatic: false }],
    ["pass", "linux"],
    ["file", "linux"],
  );
  const chosen = await chooseBackend(host(), backends, undefined, OPTIONS);
  assert.deepEqual([chosen.name, probed], ["pass", ["secret-service", "pass"]]);
});

Deno.test("chooseBackend() does not probe a back end that is named", async () => {
  const { backends, probed } = table(["keyctl", "linux", "not here"], ["file", "linux"]);
  const chosen = await chooseBackend(host(), backends, "keyctl", OPTIONS);
  assert.deepEqual([chosen.name, probed], ["keyctl", []]);
});

Deno.test("chooseBackend() says what is wrong with a name, and what this machine has", async () => {
  const hints = [
    "secret-service cannot be used: no bus",
    "file can be used: --backend=file",
  ];
  const cases = [
    ["keychain", 'Cannot use back end "keychain": it is for macOS'],
    ["wincred", 'Cannot use back end "wincred": this aws-vault does not have it'],
    ["files", 'Cannot use back end "files": there is none of that name'],
  ];
  for (const [name, message] of cases) {
    const { backends } = table(
      ["keychain", "darwin"],
      ["secret-service", "linux", "no bus"],
      ["file", "linux"],
    );
    await assert.rejects(chooseBackend(host(), backends, name, OPTIONS), {
      code: "bad-usage",
      message,
      hints,
    });
  }
});

Deno.test("chooseBackend() fails where nothing can be used", async () => {
  const { backends } = table(["secret-service", "linux", "no bus"]);
  await assert.rejects(chooseBackend(host(), backends, undefined, OPTIONS), {
    code: "keyring-unavailable",
  });
});
