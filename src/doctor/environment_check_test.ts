import assert from "node:assert/strict";
import { memoryEnv, memoryPlatform } from "../../tests/fakes/memory_host.ts";
import type { Platform } from "../host.ts";
import type { Scene } from "./check.ts";
import { ENVIRONMENT } from "./environment_check.ts";

/** What is to be done about a prompt whose program is missing. */
async function todo(os: Platform["os"], prompt: string): Promise<string | undefined> {
  const env = memoryEnv({ AWS_VAULT_PROMPT: prompt });
  const host = { env, platform: memoryPlatform({ os }), programs: { find: () => undefined } };
  const scene = { host, variables: ["AWS_VAULT_PROMPT"] } as unknown as Scene;
  const found = await Promise.all(ENVIRONMENT.steps.map((step) => step(scene)));
  return found.flat().find(({ id }) => id === "prompt-missing")?.todo;
}

Deno.test("a prompt is to be installed only where its program exists", async () => {
  assert.equal(await todo("linux", "zenity"), "Install it, or unset AWS_VAULT_PROMPT");
  assert.equal(
    await todo("windows", "zenity"),
    "Set AWS_VAULT_PROMPT to one of: terminal, totp, wincredui, ykman, op",
  );
});
