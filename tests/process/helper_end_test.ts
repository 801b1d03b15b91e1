/** Helpers do not outlive the program, and the signals that it was to ignore stay ignored. */

import assert from "node:assert/strict";
import { Victim } from "../hostile/victim.ts";
import { launch, programWords } from "./launch.ts";

const NOT_ON_WINDOWS = { ignore: Deno.build.os === "windows" };

/** Somebody whose helper says what its process, and one that it has started, are called, and ends by itself never. */
function openScene(traps: string) {
  const victim = new Victim();
  const helper = victim.write(
    "helper",
    `#!/bin/sh\n${traps}\nsleep 1000 & echo "ready $$ $!" >&2\nwhile :; do wait; done\n`,
    0o700,
  );
  victim.write(
    ".aws/config",
    `[profile work]\nregion = us-east-1\ncredential_process = ${helper}\n`,
  );
  return { victim, helper };
}

async function isRunning(pid: string): Promise<boolean> {
  const args = ["-o", "state=", "-p", pid];
  const { stdout } = await new Deno.Command("ps", { args }).output();
  return /^[^ZX]/.test(new TextDecoder().decode(stdout).trim());
}

/** Runs the program until its helper is there, and gives what is left of that after a signal. */
async function interrupt(
  victim: Victim,
  signal: Deno.Signal,
  env: Readonly<Record<string, string>> = {},
) {
  const launched = launch(["export", "work"], { ...victim.env, ...env });
  await launched.untilSaid("ready");
  launched.kill(signal);
  const { code, stderr } = await launched.finished;
  const [, ...pids] = /ready (\d+) (\d+)/.exec(stderr)!;
  const left = await Promise.all(pids.map(isRunning));
  return { code, left, said: stderr.replace(/ready.*\n/, "") };
}

const GONE = { left: [false, false], said: "" };

Deno.test("a helper ends with the program, whatever ends it", NOT_ON_WINDOWS, async () => {
  const { victim } = openScene("");
  using _ = victim;
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131, SIGALRM: 142 } as const;
  for (const [signal, code] of Object.entries(codes) as [keyof typeof codes, number][]) {
    assert.deepEqual(await interrupt(victim, signal), { code, ...GONE }, signal);
  }
});

Deno.test(
  "what a helper started ends with the program, also where Ctrl-C has ended its parent",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    // The shell of a background process ignores SIGINT and SIGQUIT for it, and `nohup` SIGHUP.
    const { victim, helper } = openScene("");
    using _ = victim;
    const orphan = `#!/bin/sh\nnohup sleep 1000 </dev/null >/dev/null 2>&1 &\n` +
      `echo "ready $$ $!" >&2\nexec sleep 1001\n`;
    await Deno.writeTextFile(helper, orphan);
    for (const signal of ["SIGINT", "SIGQUIT", "SIGHUP"] as const) {
      const launched = launch(["export", "work"], victim.env);
      await launched.untilSaid("ready");
      // As a terminal does it: to every process of the group.
      Deno.kill(-launched.pid, signal);
      const { stderr } = await launched.finished;
      const [, ...pids] = /ready (\d+) (\d+)/.exec(stderr)!;
      assert.deepEqual(await Promise.all(pids.map(isRunning)), [false, false], signal);
    }
  },
);

/** Waits until processes are gone; one that stays fails the test by its time limit. */
async function untilGone(pids: readonly string[]): Promise<void> {
  while ((await Promise.all(pids.map(isRunning))).includes(true));
}

Deno.test(
  "a helper, and what it started, ends where the program is killed by SIGKILL",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    for (const traps of ["", "trap '' INT TERM HUP QUIT"]) {
      const { victim } = openScene(traps);
      using _ = victim;
      const launched = launch(["export", "work"], victim.env);
      await launched.untilSaid("ready");
      launched.kill("SIGKILL");
      const [, ...pids] = /ready (\d+) (\d+)/.exec((await launched.finished).stderr)!;
      await untilGone(pids);
    }
  },
);

Deno.test(
  "what left the process group of a helper stays where the program is killed",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    const { victim, helper } = openScene("");
    using _ = victim;
    const agent = `#!/bin/sh\nsetsid sleep 1000 </dev/null >/dev/null 2>&1 &\n` +
      `echo "ready $$ $!" >&2\nexec sleep 1001\n`;
    await Deno.writeTextFile(helper, agent);
    const launched = launch(["export", "work"], victim.env);
    await launched.untilSaid("ready");
    launched.kill("SIGKILL");
    const [, own, apart] = /ready (\d+) (\d+)/.exec((await launched.finished).stderr)!;
    await untilGone([own!]);
    assert.equal(await isRunning(apart!), true);
    Deno.kill(Number(apart), "SIGKILL");
  },
);

Deno.test("a helper that ignores signals is killed after a second", NOT_ON_WINDOWS, async () => {
  const { victim } = openScene("trap '' INT TERM HUP QUIT");
  using _ = victim;
  assert.deepEqual(await interrupt(victim, "SIGINT"), { code: 130, ...GONE });
});

Deno.test("a passphrase command ends with the program", NOT_ON_WINDOWS, async () => {
  const { victim, helper } = openScene("trap '' TERM");
  using _ = victim;
  await victim.add("work");
  victim.write(".aws/config", "[profile work]\nregion = us-east-1\n");
  const env = { AWS_VAULT_FILE_PASSPHRASE: "", AWS_VAULT_FILE_PASSPHRASE_COMMAND: helper };
  assert.deepEqual(await interrupt(victim, "SIGTERM", env), { code: 143, ...GONE });
});

Deno.test("a helper's endless output is cut", NOT_ON_WINDOWS, async () => {
  const { victim } = openScene("");
  using _ = victim;
  victim.write(".aws/config", "[profile work]\nregion = us-east-1\ncredential_process = yes\n");
  assert.deepEqual(await victim.run("export", "work"), {
    code: 1,
    stdout: "",
    stderr:
      'error: The credential_process of profile "work" failed: "yes" printed more than 1 MB\n',
  });
});

Deno.test("what nohup ignores stays ignored after a helper has run", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const { victim } = openScene("");
  using _ = victim;
  const output = victim.write(
    "output",
    '{"Version": 1, "AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s", "SessionToken": "t"}',
  );
  victim.write(
    ".aws/config",
    `[profile work]\nregion = us-east-1\ncredential_process = cat ${output}\n`,
  );
  const words = ["nohup", ...programWords()];
  const child = ["sh", "-c", "grep SigIgn /proc/self/status"];
  const { stdout } = await launch(["exec", "work", "--", ...child], victim.env, words).finished;
  // The lowest bit is signal 1, SIGHUP.
  assert.match(stdout, /^SigIgn:\t[0-9a-f]{15}1\n$/);
});
