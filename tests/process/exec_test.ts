import assert from "node:assert/strict";
import { writeProgram } from "../services/write_program.ts";
import { denoDir } from "./deno_dir.ts";
import { NEEDS_TERMINAL, parentProcess, play } from "./terminal_driver.ts";

const NOT_ON_WINDOWS = { ignore: Deno.build.os === "windows" };
const ONLY_ON_LINUX = { ignore: Deno.build.os !== "linux" };
const BOTH = ["exec", "attend"] as const;

/** Runs words with pipes for standard streams and nothing to read. */
async function run(words: readonly string[], env: Record<string, string> = {}) {
  const path = Deno.env.get("PATH") ?? "";
  const { code, signal, stdout, stderr } = await new Deno.Command(words[0]!, {
    args: words.slice(1),
    env: { PATH: path, ...denoDir(), ...env },
    clearEnv: true,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A set of signals without 32 and above, which glibc uses for itself and whose state nobody sees. */
const withoutLibrarySignals = (set: string) => (BigInt("0x" + set) & 0x7fffffffn).toString(16);

/**
 * A child's loop, which its traps end: a signal right before a `read` would leave the shell's traps waiting for
 * a line.
 */
const STAY = "while kill -0 $PARENT; do sleep 0.02; done";

/** Without the echo of Ctrl-C, which can come before or after what the signal brings about. */
const withoutEcho = (terminal: string) => terminal.replace("^C", "");

const quietly = (code: number, stdout = "") => ({ code, signal: null, stdout, stderr: "" });

Deno.test("execChild() ends as its child ends", NOT_ON_WINDOWS, async () => {
  for (const how of BOTH) {
    const shell = (script: string) => run(parentProcess(how, "sh", "-c", script, "sh", "ä b", ""));
    assert.deepEqual(await shell("exit 7"), quietly(7));
    assert.deepEqual(await shell('printf "<%s>" "$@"'), quietly(0, "<ä b><>"));
    const killed = await shell("kill -KILL $$");
    assert.equal(killed.code, 137, how);
  }
});

Deno.test(
  "execChild() becomes the child: the same process, and nothing more of us",
  NOT_ON_WINDOWS,
  async () => {
    const { code, stdout } = await run(parentProcess("exec", "sh", "-c", 'echo "$$ $PARENT"'));
    const [pid, parent] = stdout.trim().split(" ");
    assert.deepEqual([code, pid], [0, parent]);
    const attended = await run(parentProcess("attend", "sh", "-c", 'echo "$PPID $PARENT"'));
    const [ppid, attending] = attended.stdout.trim().split(" ");
    assert.equal(ppid, attending);
  },
);

Deno.test("execChild() gives the child the usual broken pipe", NOT_ON_WINDOWS, async () => {
  for (const how of BOTH) {
    assert.deepEqual(
      await run(parentProcess(how, "sh", "-c", "yes | head -1; exit 5")),
      quietly(5, "y\n"),
    );
  }
});

Deno.test(
  "execChild() hands on clean signals, blocking streams and no descriptor of ours",
  ONLY_ON_LINUX,
  async () => {
    const script = `
    grep -E '^Sig(Blk|Ign)' /proc/self/status
    for n in 0 1 2; do grep flags /proc/self/fdinfo/$n; done
    exec ls /proc/self/fd`;
    const facts = async (words: string[]) => {
      const result = await run(words);
      const stdout = result.stdout.replace(/(?<=SigIgn:\t)\w+/, withoutLibrarySignals);
      return { ...result, stdout };
    };
    const plain = await facts(["sh", "-c", script]);
    for (const how of BOTH) {
      assert.deepEqual(await facts(parentProcess(how, "sh", "-c", script)), plain, how);
    }
  },
);

Deno.test(
  "execChild() hands on the limit of open files that it was given",
  ONLY_ON_LINUX,
  async () => {
    for (const how of BOTH) {
      const limited = 'ulimit -Sn 200; "$@"; exit $?';
      const words = parentProcess(how, "sh", "-c", "ulimit -Sn");
      assert.deepEqual(await run(["sh", "-c", limited, "sh", ...words]), quietly(0, "200\n"), how);
    }
  },
);

Deno.test(
  "execChild() distinguishes a missing command from one that cannot be started",
  NOT_ON_WINDOWS,
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const plain = `${folder}/plain`;
      const strange = `${folder}/strange`;
      const orphan = `${folder}/orphan`;
      await Deno.writeTextFile(plain, "text", { mode: 0o600 });
      writeProgram(strange, "text", 0o700);
      writeProgram(orphan, "#!/no/such/interpreter\n", 0o700);
      const cases: [string, number][] = [
        ["no-such-command", 127],
        [`${folder}/missing`, 127],
        ["plain", 127],
        [plain, 126],
        [folder, 126],
        [orphan, 127],
      ];
      for (const how of BOTH) {
        for (const [command, expected] of cases) {
          const { code, stdout, stderr } = await run(parentProcess(how, command, "--secret=x"), {
            PATH: `${folder}:${Deno.env.get("PATH")}`,
          });
          assert.deepEqual([code, stdout], [expected, ""], `${how} ${command}: ${stderr}`);
          assert(stderr.includes(command.split("/").at(-1)!), stderr);
          assert(!stderr.includes("--secret"), stderr);
        }
      }
      // As a child it would be given to sh by the C library, as a shell does.
      assert.equal((await run(parentProcess("exec", strange))).code, 126);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("execChild() passes on a signal that was sent to it alone", NEEDS_TERMINAL, async () => {
  const trapping = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.02; done";
  const dying = "echo ready; while :; do sleep 0.02; done";
  const steps = [{ expect: "ready", signal: "SIGTERM" }] as const;
  for (const how of BOTH) {
    const trapped = await play({ argv: parentProcess(how, "sh", "-c", trapping), steps });
    assert.equal(trapped.code, 9, how);
    const died = await play({ argv: parentProcess(how, "sh", "-c", dying), steps });
    assert.equal(died.code, how === "exec" ? -15 : 143);
  }
});

Deno.test(
  "execChild() leaves Ctrl-C to the child, which gets it once",
  NEEDS_TERMINAL,
  async () => {
    const script = `trap 'echo got it' INT; trap 'exit 3' TERM; echo ready; ${STAY}`;
    const steps = [
      // Ctrl-C drops what is not read yet of the output, be it only the end of the line.
      { expect: "ready\r\n", send: "\u0003" },
      { expect: "got it\r\n", signal: "SIGTERM" },
    ] as const;
    for (const how of BOTH) {
      const argv = parentProcess(how, "sh", "-c", script);
      const outcome = await play({ argv, steps });
      assert(outcome.terminal.includes("^C"), outcome.terminal);
      assert.deepEqual({ ...outcome, terminal: withoutEcho(outcome.terminal) }, {
        terminal: "ready\r\ngot it\r\n",
        stdout: "",
        stderr: "",
        code: 3,
        restored: true,
      });
    }
  },
);

Deno.test("execChild() leaves the child's death by Ctrl-C to be seen", NEEDS_TERMINAL, async () => {
  const steps = [{ expect: "ready", send: "\u0003" }];
  for (const how of BOTH) {
    const argv = parentProcess(how, "sh", "-c", "echo ready; exec sleep 60");
    const { code } = await play({ argv, steps });
    assert.equal(code, how === "exec" ? -2 : 130);
  }
});

Deno.test("execChild() passes each signal to it on once", NEEDS_TERMINAL, async () => {
  const names = ["HUP", "USR1", "USR2", "WINCH", "TERM"] as const;
  const traps = names.map((name) => `trap 'echo got ${name}' ${name}`).join("; ");
  const script = `${traps}; trap 'exit 3' INT; echo ready; ${STAY}`;
  const at = (name: string) => ({ signal: `SIG${name}` as Deno.Signal });
  const expects = ["ready", ...names.slice(0, -1).map((name) => `got ${name}`)];
  const steps = [
    ...names.map((name, i) => ({ expect: expects[i]!, ...at(name) })),
    { expect: "got TERM\r\n", send: "\u0003" },
  ];
  for (const how of BOTH) {
    const { terminal, code } = await play({ argv: parentProcess(how, "sh", "-c", script), steps });
    const got = names.map((name) => `got ${name}\r\n`).join("");
    assert.deepEqual([withoutEcho(terminal), code], [`ready\r\n${got}`, 3], how);
  }
});

Deno.test(
  "execChild() leaves a window's new size and its end to the child, which gets them once",
  NEEDS_TERMINAL,
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      for (const how of BOTH) {
        const log = `${folder}/${how}`;
        const script = `trap 'echo got WINCH; stty size; echo WINCH >>${log}' WINCH
          trap 'echo HUP >>${log}; gone=1' HUP; echo ready
          while [ -t 0 ] && stty size >/dev/null; do sleep 0.02; done
          # It can come late: in one of the two ways somebody has to pass it on.
          while [ -z "$gone" ] && kill -0 $PARENT; do sleep 0.02; done
          sleep 0.3; echo end >>${log}`;
        await play({
          argv: parentProcess(how, "sh", "-c", script),
          steps: [
            { expect: "ready", resize: [33, 77] },
            { expect: "33 77", resize: [20, 40] },
            { expect: "20 40", close: true },
          ],
        });
        const lines = (await Deno.readTextFile(log)).trim().split("\n").toSorted();
        assert.deepEqual(lines, ["HUP", "WINCH", "WINCH", "end"], how);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("execChild() is stopped by Ctrl-Z with its child, and both go on", {
  ...NEEDS_TERMINAL,
}, async () => {
  const script = "echo ready; until read line; do :; done; echo got $line; exit 5";
  for (const how of BOTH) {
    const words = parentProcess(how, "sh", "-c", script).map((word) => `'${word}'`).join(" ");
    const states =
      "echo states $(ps -o state= -p $(pgrep -d, -g $(jobs -p)) | cut -c 1 | sort -u) of them";
    const { terminal } = await play({
      argv: ["env", "PS1=prompt> ", "bash", "--norc", "--noprofile", "-i"],
      steps: [
        { expect: "prompt> ", send: `${words}\r` },
        { expect: "ready\r\n", send: "\u001a" },
        { expect: "Stopped", send: "" },
        // The shell drops what is typed before its prompt, and at times a character right after it.
        { expect: "prompt> ", send: `    ${states}\r` },
        { expect: "states T of them", send: "fg\r" },
        { expect: "exit 5", send: "line\r" },
        { expect: "got line", send: "echo code $? ; exit\r" },
        { expect: "code 5", send: "" },
      ],
    });
    assert.match(terminal, /states T of them\r\n/);
  }
});
