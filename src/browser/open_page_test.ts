import assert from "node:assert/strict";
import { openPage, type OpenPageDeps } from "./open_page.ts";

/** The environment of the browser that is opened by a program with this one. */
async function browserEnvironment(
  env: Readonly<Record<string, string>>,
): Promise<Record<string, string> | undefined> {
  let started: Record<string, string> | undefined;
  const deps = {
    env: { all: () => env },
    programsApart: {
      start: (request: { env: Record<string, string> }) => {
        started = request.env;
        return Promise.resolve(undefined);
      },
    },
  } as unknown as OpenPageDeps;
  await openPage(deps, { kind: "open", words: ["firefox"] }, "https://example.com/");
  return started;
}

Deno.test("openPage() gives a browser the system's libraries, not those of a frozen caller", async () => {
  const display = { DISPLAY: ":0" };
  const frozen = { ...display, LD_LIBRARY_PATH: "/tmp/frozen" };
  assert.deepEqual(await browserEnvironment(frozen), display);
  const kept = await browserEnvironment({ ...frozen, LD_LIBRARY_PATH_ORIG: "/opt/lib" });
  assert.deepEqual(kept, { ...display, LD_LIBRARY_PATH: "/opt/lib" });
});

Deno.test("openPage() keeps secrets from a browser", async () => {
  const env = { HOME: "/h", AWS_VAULT_FILE_PASSPHRASE: "pw", AWS_SECRET_ACCESS_KEY: "k" };
  assert.deepEqual(await browserEnvironment(env), { HOME: "/h" });
});
