import assert from "node:assert/strict";
import { startFakeAws } from "../servers/fake_aws.ts";
import { keyVariables } from "../home.ts";
import { NEEDS_WINE, SharedHome, windowsWords } from "./wine.ts";

/** Enough that some wait while others write. */
const MANY = 24;

async function run(home: SharedHome, ...words: string[]) {
  const [program = "", ...args] = windowsWords(words);
  const env = home.windowsEnv();
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    env,
    clearEnv: true,
    stdin: "null",
    detached: true,
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test(
  `${MANY} processes of Windows need one call to AWS, and get the same credentials`,
  NEEDS_WINE,
  async () => {
    using home = new SharedHome();
    await using aws = await startFakeAws({ users: [{ name: "work" }] });
    Object.assign(home.env, { AWS_ENDPOINT_URL: aws.url, AWS_VAULT_FILE_PASSPHRASE: "x" });
    const key = keyVariables(aws, "work");
    Object.assign(home.env, key);
    assert.deepEqual((await run(home, "add", "--env", "work")).code, 0);
    for (const name of Object.keys(key)) delete home.env[name];
    const words = ["export", "--format=json", "work"];
    const ran = await Promise.all(Array.from({ length: MANY }, () => run(home, ...words)));
    // Who waits for long says so.
    const said = ran.map(({ code, stderr }) => [code, stderr.replace(/^note: Waiting .*\n/gm, "")]);
    assert.deepEqual(said, Array(MANY).fill([0, ""]));
    assert.equal(new Set(ran.map(({ stdout }) => JSON.parse(stdout).AccessKeyId)).size, 1);
    assert.deepEqual(aws.takeCalls(), ["GetSessionToken by key/work for 3600s"]);
  },
);

Deno.test("who ends exec ends its child and what that has started", NEEDS_WINE, async () => {
  using home = new SharedHome();
  Object.assign(home.env, { AWS_VAULT_FILE_PASSPHRASE: "x" });
  Object.assign(home.env, {
    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "x/y",
  });
  assert.equal((await run(home, "add", "--env", "work")).code, 0);
  // An address of loopback that no other process names.
  const address = `127.${100 + Deno.pid % 100}.${Deno.pid % 251}.7`;
  const [program = "", ...args] = windowsWords(
    ["exec", "--no-session", "work", "--", "cmd", "/d", "/c", `ping -n 61 ${address}`],
  );
  const env = home.windowsEnv();
  const options = { args, env, clearEnv: true, stdin: "null", stdout: "null" } as const;
  const child = new Deno.Command(program, options).spawn();
  const isPinging = () =>
    commandLines().some((line) => /^ping /i.test(line) && line.includes(address));
  await until(isPinging);
  child.kill("SIGKILL");
  await child.status;
  await until(() => !isPinging());
});

/** What every process of this machine was started with. */
function commandLines(): string[] {
  const pids = [...Deno.readDirSync("/proc")].map(({ name }) => name).filter((name) =>
    /^\d+$/.test(name)
  );
  return pids.map((pid) => {
    try {
      return Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
    } catch {
      return "";
    }
  });
}

/** Throws where it is not so within 30 s: a guard, not a measure. */
async function until(isSo: () => boolean): Promise<void> {
  const start = performance.now();
  while (!isSo()) {
    assert(performance.now() - start < 30_000, "it does not happen");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
