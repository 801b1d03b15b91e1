/** `explain` calls nobody and asks nobody: no socket, no program, and a locked keystore stays locked. */

import assert from "node:assert/strict";
import { defineBackend } from "../../src/backend.ts";
import { VaultError } from "../../src/errors.ts";
import type { Keyring } from "../../src/keyring.ts";
import { Home } from "../home.ts";
import { requireService, runs } from "../services.ts";
import { denoDir } from "./deno_dir.ts";
import { programWords } from "./launch.ts";

const strace = requireService(
  "strace",
  Deno.build.os === "linux" && runs("strace", "-qq", "-o/dev/null", "true"),
  "Linux with ptrace(2), Debian: strace",
);

const CONFIG = `[profile work]
mfa_serial = arn:aws:iam::111122223333:mfa/work
[profile admin]
source_profile = work
role_arn = arn:aws:iam::111122223333:role/admin
mfa_process = touch ran
mfa_serial = arn:aws:iam::111122223333:mfa/work
[profile program]
credential_process = touch ran
[profile nested]
credential_process = aws-vault export --format=json work
[sso-session corp]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
[profile sso]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Admin
`;

Deno.test({
  name: "explain opens no connection and starts no program, whatever a profile starts with",
  ignore: strace.ignore,
  async fn() {
    await using home = await Home.open();
    home.write(".aws/config", CONFIG);
    await home.as("work").succeed("add", "--env", "work");
    for (const profile of ["work", "admin", "program", "nested", "sso"]) {
      const seen = await networkAndPrograms(home, "explain", profile);
      assert.deepEqual(seen, { code: 0, calls: [] }, profile);
    }
    const seen = await networkAndPrograms(home, "export", "--mfa-token=123456", "work");
    assert.notDeepEqual(seen.calls, [], "the watcher sees a call to AWS");
    assert.equal(home.read("ran"), undefined);
  },
});

Deno.test({
  name: "explain with a stored seed opens no connection and not the seed, and asks nobody",
  ignore: strace.ignore,
  async fn() {
    await using home = await Home.open();
    await home.as("work").succeed("add", "--env", "work");
    await home.succeed("mfa", "enroll", "--store", "work");
    delete home.env["AWS_VAULT_FILE_PASSPHRASE"];
    const seen = await networkAndPrograms(home, "explain", "work");
    assert.deepEqual(seen, { code: 0, calls: [] });
    // Whether the key's own item is one that can be read shows without the passphrase.
    assert.deepEqual(openedKeys(home), ["keys/work"]);
    const { stdout } = await home.succeed("explain", "work");
    assert.match(stdout, /the stored seed gives it, and nobody is asked/);
    const locked = await networkAndPrograms(home, "export", "--no-prompt", "work");
    assert.equal(locked.code, 4, "what reads the keystore fails without the passphrase");
  },
});

/** What the last command opened of the keystore. */
function openedKeys(home: Home): string[] {
  const opened = Deno.readTextFileSync(`${home.path}/strace`)
    .matchAll(/openat\([^"]*"[^"]*\/\.awsvault\/(keys[^"]*)"/g);
  return [...new Set([...opened].map(([, path]) => path!.replace(/\/$/, "")))];
}

/** What a command opened and started, itself aside: sockets of the Internet, connections, programs. */
async function networkAndPrograms(home: Home, ...words: string[]) {
  const log = `${home.path}/strace`;
  const flags = ["-f", "-qq", "-etrace=socket,connect,execve,execveat,openat", `-o${log}`];
  const { code } = await new Deno.Command("strace", {
    args: [...flags, "--", ...programWords(), ...words],
    // Deno itself looks for a newer release of it, when it runs the sources.
    env: { ...home.env, ...denoDir(), DENO_NO_UPDATE_CHECK: "1", PATH: Deno.env.get("PATH") ?? "" },
    clearEnv: true,
    cwd: home.path,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).output();
  const [, ...calls] = Deno.readTextFileSync(log).split("\n").filter((line) =>
    /^\d+ +(execve|execveat|connect|socket\(AF_INET6?)/.test(line)
  );
  return { code, calls };
}

Deno.test("explain reports a keystore that does not even say which keys it has", async () => {
  await using home = await Home.open();
  home.write(".aws/config", CONFIG);
  home.backends = [...home.backends, closedStore];
  home.env["AWS_VAULT_BACKEND"] = "closed";
  const words = ["explain", "--json", "--no-prompt", "admin"];
  const { code, stdout } = await home.runOn((host) => host, ...words);
  const { source, notes, cached } = JSON.parse(stdout);
  assert.deepEqual([code, source, notes, cached], [
    0,
    {
      kind: "stored-key",
      profile: "work",
      description: 'the key stored for profile "work"',
      policies: [],
    },
    [
      "The keystore (closed) is locked, and must be unlocked first",
      'A code of "arn:aws:iam::111122223333:mfa/work" is needed, and prompts are turned off (--no-prompt): exit code 4',
    ],
    { state: "none", step: null, expiration: null },
  ]);
});

/** A store that answers nothing before it is unlocked, as KWallet does. */
const closedStore = defineBackend({
  name: "closed",
  platforms: ["linux", "darwin", "windows"],
  isAutomatic: false,
  options: {},
  probe: () => undefined,
  open: (): Keyring => {
    const locked = () => Promise.reject(new VaultError("keyring-locked", "It is locked"));
    return {
      backend: "closed",
      location: "nowhere",
      has: locked,
      get: locked,
      set: locked,
      remove: locked,
      keys: locked,
      close() {},
    };
  },
});
