/**
 * No secret is in an argument list, in the environment of a helper program, or in a file in the clear:
 * other users can read the first, other programs of the user all of them.
 *
 * strace shows every program that is started, however short it lives, and every write, also into files
 * that are gone again.
 */

import assert from "node:assert/strict";
import { Home, keyVariables } from "../home.ts";
import { requireService, runs } from "../services.ts";
import {
  type BackendUnderTest,
  everyBackend,
  FILE_PASSPHRASE,
  uniqueProfile,
} from "../services/every_backend.ts";
import { searchFor } from "../stories/leaks.ts";
import { programWords } from "./launch.ts";
import { denoDir } from "./deno_dir.ts";
import { type Trace, trace } from "./traced.ts";

const strace = requireService(
  "strace",
  Deno.build.os === "linux" && runs("strace", "-qq", "-o/dev/null", "true"),
  "Linux with ptrace(2), Debian: strace",
);

const backends = everyBackend();

for (const backend of backends) {
  Deno.test({
    name: `no secret in arguments, environments of helpers and files: ${backend.name}`,
    ignore: strace.ignore || backend.ignore,
    fn: () => watchEverything(backend),
  });
}

Deno.test({
  name: "the watcher sees secrets where they are",
  ignore: strace.ignore,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "aws-vault-leak-" });
    const scripts = [
      `/bin/echo hunter2secret`,
      `TOKEN=hunter2secret /bin/true`,
      `echo hunter2secret > gone; rm gone`,
      `printf hunter2secret > gone 2>&1; mv gone there`,
    ];
    try {
      for (const script of scripts) {
        const path = `${folder}/script`;
        await Deno.writeTextFile(path, script);
        const seen = await trace(["/bin/sh", path], { PATH: "/usr/bin:/bin" }, folder);
        assert.notDeepEqual(findLeaks(seen, ["hunter2secret"]), [], script);
        const none = findLeaks(seen, ["something-else"]);
        assert.deepEqual(none, [], script);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

async function watchEverything(backend: BackendUnderTest): Promise<void> {
  await using home = await Home.open({ users: [{ name: "work", mfa: [{ codes: "any" }] }] });
  const { aws } = home;
  await using store = await backend.start();
  const other = backends.find(({ name, ignore }) =>
    !ignore && name === (backend.name === "file" ? "keyctl" : "file")
  );
  await using otherStore = await other?.start();
  const profile = uniqueProfile();
  writeHome(home, profile);
  const env = {
    PATH: Deno.env.get("PATH") ?? "",
    ...denoDir(),
    ...otherStore?.env,
    ...store.env,
    HOME: home.path,
    AWS_VAULT_STATE_DIR: `${home.path}/state`,
    AWS_VAULT_BACKEND: backend.name,
    AWS_ENDPOINT_URL: aws.url,
  };
  const run = (...args: string[]) => runWith({}, ...args);
  const runWith = async (more: Readonly<Record<string, string>>, ...args: string[]) => {
    const seen = await trace([...programWords(), ...args], { ...env, ...more }, home.path);
    assert.equal(seen.code, 0, `${args.join(" ")}: ${seen.stderr}`);
    const secrets = [...aws.secrets(), FILE_PASSPHRASE];
    // What `exec` runs is given credentials: that is its purpose.
    assert.deepEqual(
      findLeaks(seen, secrets, / execve\("[^"]+", \["[^"]*true"\], /),
      [],
      args.join(" "),
    );
  };
  await run("import", "--csv=key.csv", `--profile=${profile}`, "--delete-source");
  await runWith(keyVariables(aws, "work"), "add", "--env", "--force", profile);
  // What starts no program of a store is watched with one of them.
  if (backend.name === "file") {
    await run("list");
    await run("exec", profile, "--", "true");
  }
  await run("export", "--format=json", profile);
  if (other !== undefined) {
    const [there, back] = [[backend.name, other.name], [other.name, backend.name]];
    for (const [from, to] of [there, back]) {
      await run(
        "migrate-backend",
        `--from=${from}`,
        `--to=${to}`,
        `--profile=${profile}`,
        "--delete-source",
      );
    }
  }
  if (backend.name === "file") await run("clear");
  await run("remove", "--force", profile);
  assert.deepEqual(aws.takeCalls().length, 1);
}

/** A key as the console gives it, and a device whose codes a helper program gives. */
function writeHome(home: Home, profile: string): void {
  const { id, secret } = home.aws.user("work").key;
  home.write("key.csv", `Access key ID,Secret access key\r\n${id},${secret}\r\n`);
  const settings = [
    "region = us-east-1",
    "mfa_serial = arn:aws:iam::111122223333:mfa/work",
    "mfa_process = echo 123456",
  ];
  home.write(".aws/config", [`[profile ${profile}]`, ...settings, ""].join("\n"));
}

/** The lines and files that hold a secret; the first program is the one under test, with its own environment. */
function findLeaks(
  { started, written, opened }: Trace,
  secrets: readonly string[],
  mayKnow = /^$/,
): string[] {
  const isLeak = searchFor(secrets);
  const lines = [...started.slice(1).filter((line) => !mayKnow.test(line)), ...written];
  // The runtime's caches are large; each write into them is among `written`.
  const own = opened.filter((path) => !path.startsWith(`${denoDir().DENO_DIR}/`));
  const files = [...new Set(own)].filter((path) => isLeak(readRegularFile(path)));
  return [...lines.filter(isLeak), ...files];
}

function readRegularFile(path: string): Uint8Array {
  try {
    return Deno.statSync(path).isFile ? Deno.readFileSync(path) : new Uint8Array();
  } catch {
    // Gone again, or never there: what was written into it was seen.
    return new Uint8Array();
  }
}
