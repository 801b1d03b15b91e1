/** Helpers do not outlive the program, and the signals that it was to ignore stay ignored. */

import assert from "node:assert/strict";
import { Victim } from "../hostile/victim.ts";
import { writeProgram } from "../services/write_program.ts";
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

/** Runs the program until its helper is there, and waits until nothing is left of that after a signal. */
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
  await untilGone(pids);
  return { code, said: stderr.replace(/ready.*\n/, "") };
}

/** How long the end of a process may take on a machine at other work; a helper that stays does so for 1,000 s. */
const MOST_MS = 5_000;

/** Waits until processes are gone. */
async function untilGone(pids: readonly string[]): Promise<void> {
  const start = performance.now();
  while ((await Promise.all(pids.map(isRunning))).includes(true)) {
    assert(performance.now() - start < MOST_MS, `one of ${pids} stays`);
  }
}

Deno.test("a helper ends with the program, whatever ends it", NOT_ON_WINDOWS, async () => {
  const { victim } = openScene("");
  using _ = victim;
  const codes = {
    ...{ SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131, SIGALRM: 142 },
    ...{ SIGABRT: 134, SIGXCPU: 152, SIGVTALRM: 154, SIGPROF: 155 },
  };
  for (const [signal, code] of Object.entries(codes) as [keyof typeof codes, number][]) {
    assert.deepEqual(await interrupt(victim, signal), { code, said: "" }, signal);
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
    writeProgram(helper, orphan, 0o700);
    for (const signal of ["SIGINT", "SIGQUIT", "SIGHUP"] as const) {
      const launched = launch(["export", "work"], victim.env);
      await launched.untilSaid("ready");
      // As a terminal does it: to every process of the group.
      Deno.kill(-launched.pid, signal);
      const { stderr } = await launched.finished;
      const [, ...pids] = /ready (\d+) (\d+)/.exec(stderr)!;
      await untilGone(pids);
    }
  },
);

Deno.test(
  "what a helper started ends with it where it dies of a signal that the program does not get",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    const { victim, helper } = openScene("");
    using _ = victim;
    const dying = `#!/bin/sh\nnohup sleep 1000 </dev/null >/dev/null 2>&1 &\n` +
      `echo "ready $$ $!" >&2\nkill -HUP $$\n`;
    writeProgram(helper, dying, 0o700);
    const { code, stderr } = await launch(["export", "work"], victim.env).finished;
    const [, ...pids] = /ready (\d+) (\d+)/.exec(stderr)!;
    await untilGone(pids);
    assert.equal(code, 1);
  },
);

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
    const agent = `#!/bin/sh
      setsid sh -c 'echo $$ >"$0.pid"; exec sleep 1000' "$0" </dev/null >/dev/null 2>&1 &
      until test -s "$0.pid"; do :; done
      echo "ready $$ $(cat "$0.pid")" >&2
      exec sleep 1001
    `;
    writeProgram(helper, agent, 0o700);
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
  assert.deepEqual(await interrupt(victim, "SIGINT"), { code: 130, said: "" });
});

Deno.test("a passphrase command ends with the program", NOT_ON_WINDOWS, async () => {
  const { victim, helper } = openScene("trap '' TERM");
  using _ = victim;
  await victim.add("work");
  victim.write(".aws/config", "[profile work]\nregion = us-east-1\n");
  const env = { AWS_VAULT_FILE_PASSPHRASE: "", AWS_VAULT_FILE_PASSPHRASE_COMMAND: helper };
  assert.deepEqual(await interrupt(victim, "SIGTERM", env), { code: 143, said: "" });
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
