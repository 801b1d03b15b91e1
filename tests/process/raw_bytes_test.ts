/** Bytes that are no text in arguments and environment, a clock that the runtime cannot read, streams that cannot be written: nothing is lost, and nothing ends in a trace. */

import assert from "node:assert/strict";
import { Victim } from "../hostile/victim.ts";
import { compileC, requireCompiler } from "../fakes/compile_c.ts";
import { Home } from "../home.ts";
import { launch, programWords } from "./launch.ts";

const NOT_ON_WINDOWS = { ignore: Deno.build.os === "windows" };
const ONLY_ON_LINUX = { ignore: Deno.build.os !== "linux" };

/** Somebody with a profile whose credentials come from a program, and nothing to ask AWS. */
function openVictim(): Victim {
  const victim = new Victim();
  const credentials = victim.write(
    "credentials.json",
    JSON.stringify({
      Version: 1,
      AccessKeyId: "ASIAIOSFODNN7EXAMPLE",
      SecretAccessKey: "secret",
      SessionToken: "token",
      Expiration: "2099-01-01T00:00:00Z",
    }),
  );
  victim.write(
    ".aws/config",
    `[profile work]\nregion = us-east-1\ncredential_process = cat '${credentials}'\n`,
  );
  return victim;
}

/** Runs the program by a shell, which can set variables and streams as the runtime cannot. */
function runIn(victim: Victim, script: string, ...args: string[]) {
  const words = ["sh", "-c", `${script} "$@"`, "sh", ...programWords()];
  return launch(args, victim.env, words).finished;
}

Deno.test("exec hands on every byte of the environment", NOT_ON_WINDOWS, async () => {
  using victim = openVictim();
  Deno.mkdirSync(`${victim.home}/bin`);
  const script = `
    B=$(printf 'a\\377b'); PATH="$PATH:$(printf '/x\\377y')"; export B PATH
    exec`;
  const child = `printf %s "$B" | od -An -tx1; printf %s "$PATH" | tail -c 4 | od -An -tx1`;
  const { code, stdout, stderr } = await runIn(
    victim,
    script,
    "exec",
    "work",
    "--",
    "sh",
    "-c",
    child,
  );
  assert.deepEqual(
    { code, stdout: stdout.replaceAll(" ", ""), stderr },
    { code: 0, stdout: "61ff62\n2f78ff79\n", stderr: "" },
  );
});

/** Elsewhere the runtime ends before any code of ours (`scripts/start_code.ts`). */
const WITH_START_CODE = {
  ignore: Deno.build.target !== "x86_64-unknown-linux-gnu" || !Deno.env.has("AWS_VAULT_BIN"),
};

Deno.test("exec hands on every byte of arguments", WITH_START_CODE, async () => {
  using victim = openVictim();
  const all = Array.from({ length: 255 }, (_, at) => `\\${(at + 1).toString(8)}`).join("");
  const script = `raw=$(printf '${all}x'); export raw; exec "$@" "$raw" é "" "$raw" #`;
  const same = victim.write(
    "same",
    `test "$1" = "$raw" && test "$2" = é && test "$3" = "" && test "$4" = "$raw" && echo same`,
  );
  for (const separator of [["--"], []]) {
    assert.deepEqual(
      await runIn(victim, script, "exec", "work", ...separator, "sh", same),
      { code: 0, stdout: "same\n", stderr: "" },
    );
  }
});

Deno.test(
  "exec beside a server hands on every byte of the environment",
  NOT_ON_WINDOWS,
  async () => {
    using victim = openVictim();
    const script = `B=$(printf 'a\\377b'); PATH="$PATH:$(printf '/x\\377y')"; export B PATH; exec`;
    const child =
      `printf %s "$B" | od -An -tx1; printf %s "$PATH" | tail -c 4 | od -An -tx1; kill -9 $$`;
    const line = ["exec", "--server", "work", "--", "sh", "-c", child];
    const { code, stdout, stderr } = await runIn(victim, script, ...line);
    assert.deepEqual(
      { code, stdout: stdout.replaceAll(" ", ""), stderr },
      { code: 137, stdout: "61ff62\n2f78ff79\n", stderr: "" },
    );
  },
);

Deno.test("exec beside a server hands on every byte of arguments", WITH_START_CODE, async () => {
  using victim = openVictim();
  const script = `exec "$@" "$(printf 'a\\377b')" #`;
  const child = `printf %s "$1" | od -An -tx1; exit 3`;
  const line = ["exec", "--server", "work", "--", "sh", "-c", child, "sh"];
  const { code, stdout, stderr } = await runIn(victim, script, ...line);
  assert.deepEqual([code, stdout.replaceAll(" ", ""), stderr], [3, "61ff62\n", ""]);
});

Deno.test("a word of ours that is not UTF-8 is a plain error", WITH_START_CODE, async () => {
  using victim = openVictim();
  const lines = [[], ["export"], ["export", "--region"], ["add", "--env"], ["exec"], ["help"]];
  for (const line of lines) {
    const script = `exec "$@" "$(printf 'a\\377b')" #`;
    const { code, stdout, stderr } = await runIn(victim, script, ...line);
    assert.deepEqual([code, stdout, stderr.split("\n")[0]], [
      2,
      "",
      "error: Cannot read the command line: a word is not UTF-8",
    ], line.join(" "));
  }
});

Deno.test("exec finds a program in a folder whose name is not UTF-8", ONLY_ON_LINUX, async () => {
  using victim = openVictim();
  const script = `
    folder="$HOME/$(printf 'b\\377n')"; mkdir "$folder"
    printf '#!/bin/sh\\necho found\\n' >"$folder/only-there"; chmod +x "$folder/only-there"
    PATH="$PATH:$folder"; export PATH
    exec`;
  assert.deepEqual(await runIn(victim, script, "exec", "work", "--", "only-there"), {
    code: 0,
    stdout: "found\n",
    stderr: "",
  });
});

Deno.test("commands work in a folder whose name is not UTF-8", {
  // The runtime itself does not start its sources there.
  ignore: Deno.build.os !== "linux" || !Deno.env.has("AWS_VAULT_BIN"),
}, async () => {
  using victim = openVictim();
  const inFolder = `cd "$HOME" && mkdir -p "$(printf 'x\\377y')" && cd x* && exec`;
  const sh = ["sh", "-c", "pwd | tail -c 4 | od -An -tx1"];
  for (const how of [[], ["--server"]]) {
    assert.deepEqual(
      await runIn(victim, inFolder, "exec", ...how, "work", "--", ...sh),
      { code: 0, stdout: " 78 ff 79 0a\n", stderr: "" },
    );
  }
  for (
    const args of [["list"], ["export", "work"], ["doctor"], ["export", "--output", "x", "work"]]
  ) {
    const { stderr } = await runIn(victim, inFolder, ...args);
    assert.doesNotMatch(stderr, /bug in aws-vault/, args.join(" "));
  }
});

Deno.test("a variable of ours that is not UTF-8 is a plain error", NOT_ON_WINDOWS, async () => {
  using victim = openVictim();
  for (const name of ["AWS_VAULT_BACKEND", "AWS_VAULT_FILE_DIR", "AWS_REGION", "HOME"]) {
    const script = `${name}=$(printf 'a\\377b'); export ${name}; exec`;
    assert.deepEqual(await runIn(victim, script, "export", "work"), {
      code: 2,
      stdout: "",
      stderr: `error: Cannot use the variable ${name}: it is not UTF-8\n` +
        `hint: Set ${name} to UTF-8 text, or unset it\n`,
    }, name);
  }
});

const ODD_TMPDIR = "TMPDIR=$(printf '/tmp/a\\377b'); export TMPDIR; exec";

Deno.test(
  "a TMPDIR that is not UTF-8 does not matter, and exec hands it on",
  ONLY_ON_LINUX,
  async () => {
    using victim = openVictim();
    const child = 'printf %s "$TMPDIR" | od -An -tx1';
    const { code, stdout, stderr } = await runIn(
      victim,
      ODD_TMPDIR,
      ...["exec", "work", "--", "sh", "-c", child],
    );
    assert.deepEqual(
      { code, stdout: stdout.replaceAll(" ", ""), stderr },
      { code: 0, stdout: "2f746d702f61ff62\n", stderr: "" },
    );
  },
);

Deno.test(
  "a TMPDIR that is not UTF-8 is a plain error of a program that is embedded",
  { ignore: Deno.build.os !== "darwin" || !Deno.env.has("AWS_VAULT_BIN") },
  async () => {
    using victim = openVictim();
    for (const line of [["--version"], ["export", "work"], ["exec", "work", "--", "true"]]) {
      assert.deepEqual(await runIn(victim, ODD_TMPDIR, ...line), {
        code: 2,
        stdout: "",
        stderr: "error: Cannot use the variable TMPDIR: it is not UTF-8\n" +
          "hint: Set TMPDIR to UTF-8 text, or unset it\n",
      }, line.join(" "));
    }
  },
);

Deno.test("standard output that is full is a plain error", ONLY_ON_LINUX, async () => {
  using victim = openVictim();
  const lines = [["--help"], ["help", "exec"], ["--version"], ["completion", "bash"], ["list"]];
  for (const line of [...lines, ["--completion-script-bash"], ["export", "work"]]) {
    assert.deepEqual(await runIn(victim, 'exec "$@" >/dev/full #', ...line), {
      code: 1,
      stdout: "",
      stderr: "error: Cannot write to standard output: the disk is full\n",
    }, line.join(" "));
  }
});

Deno.test(
  "a variable of the runtime that is not UTF-8 ends in no trace",
  NOT_ON_WINDOWS,
  async () => {
    await using home = await Home.open();
    await home.as("work").succeed("add", "--env", "work");
    for (const name of ["DENO_TLS_CA_STORE", "HTTP_PROXY", "HTTPS_PROXY", "SSL_CERT_DIR"]) {
      const script = `${name}=$(printf '/x\\377'); export ${name}; exec "$@"`;
      const words = ["sh", "-c", script, "sh", ...programWords()];
      const { code, stderr } = await launch(
        ["exec", "--no-cache", "work", "--", "true"],
        home.env,
        words,
      )
        .finished;
      assert.deepEqual([code, stderr], [0, ""], name);
    }
    const script =
      `HTTP_PROXY=http://127.0.0.1:1 NO_PROXY=$(printf '\\377'); export HTTP_PROXY NO_PROXY; exec "$@"`;
    const words = ["sh", "-c", script, "sh", ...programWords()];
    const { stderr } = await launch(["export", "--no-cache", "work"], home.env, words).finished;
    assert.match(stderr, /^error: Cannot use the variable NO_PROXY: it is not UTF-8\n/);
  },
);

Deno.test("a clock before 1970 is a plain error", {
  ignore: WITH_START_CODE.ignore || requireCompiler().ignore,
}, async () => {
  using victim = openVictim();
  const library = `${victim.home}/clock.so`;
  await compileC("library", ["clock.c"], library);
  for (const line of [["--version"], ["list"], ["exec", "work", "--", "true"]]) {
    const env = { ...victim.env, LD_PRELOAD: library, SECONDS: "-1" };
    assert.deepEqual(await launch(line, env).finished, {
      code: 1,
      stdout: "",
      stderr: "error: Cannot go on: this machine's clock is before 1970\n" +
        "hint: Set the clock right\n",
    }, line.join(" "));
  }
});
