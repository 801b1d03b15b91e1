/** Attacks by a helper, or by what it starts: it looks for secrets in the environment that it inherits. */

import assert from "node:assert/strict";
import { openKeychainKeyring } from "../../backends/keychain/keyring.ts";
import { isThisProgram } from "../../src/system/program_path.ts";
import { systemPrograms } from "../../src/system/programs.ts";
import { macHost } from "../contract/keychain_stand_in.ts";
import { memoryEnv } from "../fakes/memory_host.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import { launch, programWords } from "../process/launch.ts";
import { writeProgram } from "../services/write_program.ts";

const POSIX = { ignore: Deno.build.os === "windows" };

const SECRETS = {
  AWS_ACCESS_KEY_ID: "AKIAOUTER",
  AWS_SECRET_ACCESS_KEY: "outer-secret",
  AWS_SESSION_TOKEN: "outer-token",
  AWS_SECURITY_TOKEN: "outer-token",
  AWS_ACCESS_KEY: "AKIAOLD",
  AWS_SECRET_KEY: "old-secret",
  AMAZON_SECRET_ACCESS_KEY: "older-secret",
  AWS_CONTAINER_AUTHORIZATION_TOKEN: "container-token",
  AWS_VAULT_FILE_PASSPHRASE: "correct-horse-battery-staple",
};

/** A home with the key of `work`, whose environment holds secrets, and a place for programs first in PATH. */
async function openHome() {
  await using stack = new AsyncDisposableStack();
  const aws = stack.use(await startFakeAws({ users: [{ name: "work" }] }));
  const home = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(home, { recursive: true }));
  const env = {
    HOME: home,
    PATH: `${home}:${Deno.env.get("PATH")}`,
    AWS_VAULT_BACKEND: "file",
    AWS_VAULT_FILE_UNLOCK_TTL: "0",
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: "us-east-1",
    ...SECRETS,
  };
  const { id, secret } = aws.user("work").key;
  const key = {
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_SESSION_TOKEN: "",
    AWS_SECURITY_TOKEN: "",
  };
  const added = await launch(["add", "--env", "work"], { ...env, ...key }).finished;
  assert.equal(added.code, 0, added.stderr);
  const opened = stack.move();
  return {
    home,
    id,
    run: (words: readonly string[], config: string) => {
      Deno.writeTextFileSync(`${home}/.aws/config`, config);
      return launch(words, env).finished;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

interface HelperCase {
  readonly prints: string;
  readonly config: string;
  readonly words: readonly string[];
}

const DEVICE = "mfa_serial = arn:aws:iam::111122223333:mfa/work";
const ROLE = "role_arn = arn:aws:iam::111122223333:role/r";

/** A helper of each kind; `zenity` is one of them, and stands for all. */
const HELPERS: Readonly<Record<string, HelperCase>> = {
  mfa_process: {
    prints: "echo 123456",
    config: `[profile work]\n${DEVICE}\nmfa_process = zenity\n`,
    words: ["export", "work"],
  },
  credential_process: {
    prints: `echo '{"Version":1,"AccessKeyId":"AKIAH","SecretAccessKey":"s"}'`,
    config: "[profile other]\ncredential_process = zenity\n",
    words: ["export", "other"],
  },
  web_identity_token_process: {
    prints: "echo token",
    config: `[profile other]\n${ROLE}\nweb_identity_token_process = zenity\n`,
    words: ["export", "other"],
  },
  "--passphrase-command": {
    prints: `echo ${SECRETS.AWS_VAULT_FILE_PASSPHRASE}`,
    config: "[profile work]\n",
    words: ["export", "--no-session", "--passphrase-command", "zenity", "work"],
  },
  "--prompt": {
    prints: "echo 123456",
    config: `[profile work]\n${DEVICE}\n`,
    words: ["export", "--prompt", "zenity", "work"],
  },
  "--pass-cmd": {
    prints: "exit 1",
    config: "[profile work]\n",
    words: ["export", "--backend=pass", "--pass-cmd=zenity", "--pass-dir=store", "work"],
  },
};

Deno.test("no helper inherits an AWS key or the passphrase", POSIX, async () => {
  await using here = await openHome();
  await Deno.mkdir(`${here.home}/store`);
  await Deno.writeTextFile(`${here.home}/store/.gpg-id`, "me");
  await Deno.writeTextFile(`${here.home}/store/work.gpg`, "sealed");
  const names = Object.keys(SECRETS).join("|");
  const found = `${here.home}/found`;
  const seen: Record<string, string> = {};
  for (const [kind, { prints, config, words }] of Object.entries(HELPERS)) {
    const script = `#!/bin/sh\nenv | grep -E '^(${names})=' > ${found}\n${prints}\n`;
    writeProgram(`${here.home}/zenity`, script, 0o700);
    const inStore = words.map((word) => word.replace("=store", `=${here.home}/store`));
    const { stderr } = await here.run(inStore, config);
    seen[kind] = await Deno.readTextFile(found).catch(() => `it did not run: ${stderr}`);
    await Deno.remove(found).catch(() => {});
  }
  assert.deepEqual(seen, Object.fromEntries(Object.keys(HELPERS).map((kind) => [kind, ""])));
});

Deno.test("the program security inherits no AWS key and no passphrase", POSIX, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const security = `${folder}/security`;
    writeProgram(security, `#!/bin/sh\nenv >> ${folder}/found\n`, 0o700);
    await Deno.writeTextFile(`${folder}/keys.keychain-db`, "");
    const env = memoryEnv({ ...SECRETS, LANG: "C" });
    const host = { ...macHost({ folder, home: folder }, "program"), env };
    const options = { mayPrompt: true, securityProgram: security, keychain: `${folder}/keys` };
    const keyring = openKeychainKeyring(host, options);
    assert.deepEqual(await keyring.keys(), []);
    assert.equal(await keyring.has("work"), true);
    const found = await Deno.readTextFile(`${folder}/found`);
    const names = found.split("\n").map((line) => line.split("=")[0]!).filter(Boolean);
    assert.deepEqual(names.filter((name) => name in SECRETS), []);
    assert.deepEqual(names.filter((name) => name === "LANG"), ["LANG", "LANG"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a program is this one by its file, not by its name", POSIX, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const executable = `${folder}/real`;
    const text = "#!/bin/sh\nenv\n";
    writeProgram(executable, text, 0o700);
    await Deno.mkdir(`${folder}/bin`);
    await Deno.symlink(executable, `${folder}/bin/vault`);
    writeProgram(`${folder}/bin/aws-vault`, text, 0o700);
    const isOurs = (path: string, standalone = true) =>
      isThisProgram(path, { standalone, executable });
    assert.deepEqual(
      [`${folder}/bin/vault`, `${folder}/bin/aws-vault`, `${folder}/none`].map((path) =>
        isOurs(path)
      ),
      [true, false, false],
    );
    // From the sources it is Deno that runs, and Deno runs anything.
    assert.equal(isOurs(executable, false), false);
    const { stdout } = await systemPrograms().run({
      command: `${folder}/bin/aws-vault`,
      args: [],
      env: { PATH: "/usr/bin:/bin" },
      ownEnv: { SECRET: "for us alone" },
    });
    assert.equal(new TextDecoder().decode(stdout).includes("SECRET"), false);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a credential_process that is this program has the passphrase", POSIX, async () => {
  await using here = await openHome();
  const [program = "", ...before] = programWords();
  await Deno.symlink(program, `${here.home}/vault`);
  const line = [`${here.home}/vault`, ...before, "export --no-session --format=json work"].join(
    " ",
  );
  const { code, stdout, stderr } = await here.run(
    ["export", "outer"],
    `[profile work]\n[profile outer]\ncredential_process = ${line}\n`,
  );
  // From the sources the program is Deno, which is nobody in particular: it does not get it.
  const isCompiled = before.length === 0;
  assert.deepEqual([code === 0, stdout.includes(here.id)], [isCompiled, isCompiled], stderr);
});
