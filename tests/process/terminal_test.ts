import assert from "node:assert/strict";
import { NEEDS_TERMINAL, parentProcess, play } from "./terminal_driver.ts";

const HIDDEN = parentProcess("ask", "Q: ", { hidden: true });
const SHOWN = parentProcess("ask", "Q: ");
const NOTHING_PIPED = { stdout: "", stderr: "" };

Deno.test(
  "ask() does not show a hidden answer, and restores the terminal",
  NEEDS_TERMINAL,
  async () => {
    assert.deepEqual(
      await play({ argv: HIDDEN, steps: [{ expect: "Q: ", send: "pä\u007fss\r" }] }),
      {
        terminal: "Q: \r\nGOT pss\r\n",
        ...NOTHING_PIPED,
        code: 0,
        restored: true,
      },
    );
  },
);

Deno.test(
  "ask() uses the terminal when all standard streams are pipes",
  NEEDS_TERMINAL,
  async () => {
    const steps = [{ expect: "Q: ", send: "wrong\u0015right\r" }];
    assert.deepEqual(await play({ argv: HIDDEN, steps, pipes: true }), {
      terminal: "Q: \r\n",
      stdout: "GOT right\n",
      stderr: "",
      code: 0,
      restored: true,
    });
  },
);

Deno.test(
  "ask() shows an answer that is not a secret, and lets it be corrected",
  NEEDS_TERMINAL,
  async () => {
    const steps = [{ expect: "Q: ", send: "12x\u007f3\u001b[A\r" }];
    assert.deepEqual(await play({ argv: SHOWN, steps, pipes: true }), {
      terminal: "Q: 12x\b \b3\r\n",
      stdout: "GOT 123\n",
      stderr: "",
      code: 0,
      restored: true,
    });
  },
);

Deno.test("ask() ends with 130 on Ctrl-C and Ctrl-D", NEEDS_TERMINAL, async () => {
  for (const key of ["\u0003", "\u0004"]) {
    assert.deepEqual(await play({ argv: HIDDEN, steps: [{ expect: "Q: ", send: "pa" + key }] }), {
      terminal: "Q: \r\nquickly: Interrupted\r\n",
      ...NOTHING_PIPED,
      code: 130,
      restored: true,
    });
  }
});

Deno.test("ask() leaves the terminal as it was when a signal ends it", NEEDS_TERMINAL, async () => {
  const codes = {
    ...{ SIGTERM: -15, SIGHUP: -1, SIGINT: 130, SIGQUIT: -3, SIGUSR1: -10, SIGALRM: -14 },
    ...{ SIGABRT: -6, SIGXCPU: -24, SIGVTALRM: -26, SIGPROF: -27, SIGSYS: -31 },
  };
  if (Deno.build.os === "darwin") Object.assign(codes, { SIGUSR1: -30, SIGSYS: -12 });
  for (const [signal, code] of Object.entries(codes) as [keyof typeof codes, number][]) {
    const outcome = await play({ argv: HIDDEN, pipes: true, steps: [{ expect: "Q: ", signal }] });
    assert.deepEqual([outcome.code, outcome.restored], [code, true], signal);
  }
});

Deno.test("ask() obeys Ctrl-\\, and restores the terminal", NEEDS_TERMINAL, async () => {
  const steps = [{ expect: "Q: ", send: "pa\u001c" }];
  assert.deepEqual(await play({ argv: HIDDEN, steps }), {
    terminal: "Q: \r\n",
    ...NOTHING_PIPED,
    code: -3,
    restored: true,
  });
});

Deno.test("ask() gives up after its time", NEEDS_TERMINAL, async () => {
  const argv = parentProcess("ask", "Q: ", { hidden: true, timeoutMs: 100 });
  assert.deepEqual(await play({ argv, pipes: true }), {
    terminal: "Q: \r\n",
    stdout: "",
    stderr: "quickly: Cannot ask: nobody answered within 0.1 s\n",
    code: 4,
    restored: true,
  });
});

Deno.test("ask() fails at once without a terminal", NEEDS_TERMINAL, async () => {
  assert.deepEqual(await play({ argv: HIDDEN, session: "none" }), {
    terminal: "",
    stdout: "",
    stderr: "quickly: Cannot ask: there is no terminal\n",
    code: 4,
    restored: true,
  });
});

Deno.test(
  "ask() fails at once in the background, instead of being stopped there",
  NEEDS_TERMINAL,
  async () => {
    const script = 'set -m; "$@" & wait $!';
    const outcome = await play({ argv: ["sh", "-c", script, "sh", ...HIDDEN], pipes: true });
    assert.deepEqual([outcome.stderr, outcome.code], [
      "quickly: Cannot ask: the terminal belongs to another job\n",
      4,
    ]);
  },
);

Deno.test(
  "ask() waits for another process that asks at the same terminal",
  NEEDS_TERMINAL,
  async () => {
    const script = '"$@" & "$@" & wait';
    const outcome = await play({
      argv: ["sh", "-c", script, "sh", ...HIDDEN],
      pipes: true,
      steps: [{ expect: "Q: ", send: "one\r" }, { expect: "Q: ", send: "two\r" }],
    });
    // The first may print its answer after the second: the terminal is the second's by then.
    const stdout = outcome.stdout.split("\n").toSorted();
    assert.deepEqual({ ...outcome, stdout }, {
      terminal: "Q: \r\nQ: \r\n",
      stdout: ["", "GOT one", "GOT two"],
      stderr: "",
      code: 0,
      restored: true,
    });
  },
);

const MFA = { serial: "arn:aws:iam::123456789012:mfa/me", profile: "work", mayPrompt: true };
const REASON = 'Profile "work" needs a code of its MFA device';
const QUESTION = "Enter MFA code for arn:aws:iam::123456789012:mfa/me: ";

Deno.test(
  "obtainMfaCode() asks under an SDK that keeps all streams, and again after a slip",
  NEEDS_TERMINAL,
  async () => {
    const steps = [
      { expect: QUESTION, send: "12345\r" },
      { expect: QUESTION, send: "123456\r" },
    ];
    assert.deepEqual(await play({ argv: parentProcess("mfa", MFA), steps, pipes: true }), {
      terminal:
        `${REASON}\r\n${QUESTION}12345\r\nAn MFA code needs six digits\r\n${QUESTION}123456\r\n`,
      stdout: "GOT 123456\n",
      stderr: "",
      code: 0,
      restored: true,
    });
  },
);

Deno.test(
  "obtainMfaCode() without a terminal ends with 4 at once, unless a program gives the code",
  NEEDS_TERMINAL,
  async () => {
    assert.deepEqual(await play({ argv: parentProcess("mfa", MFA), session: "none" }), {
      terminal: "",
      stdout: "",
      stderr: 'quickly: Cannot ask for the MFA code of "arn:aws:iam::123456789012:mfa/me" ' +
        '(profile "work"): there is no terminal, or this is a background job\n',
      code: 4,
      restored: true,
    });
    const mfaProcess = "sh -c 'echo unlocked >&2; echo 654321'";
    const argv = parentProcess("mfa", { ...MFA, mfaProcess, mayPrompt: false });
    assert.deepEqual(await play({ argv, session: "none" }), {
      terminal: "",
      stdout: "GOT 654321\n",
      stderr: "unlocked\n",
      code: 0,
      restored: true,
    });
  },
);
