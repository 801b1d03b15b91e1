/** `avs` in real shells at a terminal: what a person types, and what the prompt shows. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { requireService, runs } from "../services.ts";
import { needsShell, ShellHome, SHELLS, type TestShell } from "./shells.ts";
import { NEEDS_TERMINAL } from "./terminal_driver.ts";
import { trace } from "./traced.ts";

const CONFIG = `[profile work]
region = eu-west-1
[profile guarded]
source_profile = work
mfa_serial = arn:aws:iam::111122223333:mfa/work
role_arn = arn:aws:iam::111122223333:role/admin
region = us-west-2
[profile odd%1v$(touch x)]
source_profile = work
role_arn = arn:aws:iam::111122223333:role/admin
`;

async function openHome(shell: TestShell, flags = ""): Promise<ShellHome & AsyncDisposable> {
  const home = await Home.open({
    stsRegions: "any",
    users: [{ name: "work", mfa: [{ codes: "any" }] }],
    roles: [{ name: "admin" }],
  });
  await home.as("work").succeed("add", "--env", "--no-add-config", "work");
  delete home.env["AWS_ACCESS_KEY_ID"];
  delete home.env["AWS_SECRET_ACCESS_KEY"];
  home.write(".aws/config", CONFIG);
  home.aws.takeCalls();
  const opened = new ShellHome(home, shell, flags);
  return Object.assign(opened, { [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() });
}

/** What stood before each line that was typed, without how many minutes were left. */
function prompts(terminal: string): string[] {
  const plain = terminal.replace(MOVES, "");
  return [...plain.matchAll(/(\[[^\r\n\]]*\] )*me> /g)].map(([all]) =>
    all.replace(/\d+m\]/g, "Nm]")
  );
}

const MOVES =
  // deno-lint-ignore no-control-regex -- what colours and moves
  /\x1b(?:\[[\d;?>=]*[A-Za-z]|[=>()][B0]?|\].*?(?:\x07|\x1b\\))/g;

// deno-lint-ignore no-control-regex -- what makes red
const RED = /\x1b\[(?:\d+;)*31m\x02?(\[[^\]]*\])/g;

const STRACE = requireService(
  "strace",
  Deno.build.os === "linux" && runs("strace", "-qq", "-o/dev/null", "true"),
  "Linux with ptrace(2), Debian: strace",
);

/** Options of a person's shell in which a prompt needs more care, and the prompt that is there then. */
const ODD_OPTIONS: readonly (readonly [shell: string, line: string, prompt: string])[] = [
  ["bash", "set -u", "m] me> "],
  ["bash", "set -f; IFS=a; set -o noclobber", "m] me> "],
  ["bash", "shopt -u promptvars", "me> "],
  ["bash", "PROMPT_COMMAND=(: :)", "m] me> "],
  ["zsh", "setopt no_unset ksh_arrays sh_word_split prompt_subst", "m] me> "],
  ["zsh", "setopt no_prompt_percent", "me> "],
];

for (const [name, line, prompt] of ODD_OPTIONS) {
  const shell = SHELLS.find((shell) => shell.name === name)!;
  Deno.test({
    ignore: NEEDS_TERMINAL.ignore || needsShell(shell).ignore,
    name: `avs in ${name} with ${line}`,
    async fn() {
      await using place = await openHome(shell);
      place.home.write(shell.file, [line, shell.prompt, shell.load(""), ""].join("\n"));
      const outcome = await place.type([
        ["me> ", "avs work"],
        [prompt, shell.show],
        [prompt, "avs --off"],
        ["me> ", "exit 0"],
      ]);
      assert.deepEqual(ShellHome.shown(outcome), ["0 work eu-west-1"]);
      assert.doesNotMatch(outcome.terminal, /unbound|AVS_|%7v|parameter not set/);
    },
  });
}

for (const shell of SHELLS) {
  const here = { ignore: NEEDS_TERMINAL.ignore || needsShell(shell).ignore };

  Deno.test({
    ...here,
    name: `avs takes a profile into ${shell.name}, another one, and nothing again`,
    async fn() {
      await using place = await openHome(shell);
      place.home.env["AWS_PROFILE"] = "mine";
      const outcome = await place.type([
        ["me> ", "avs work"],
        ["m] me> ", shell.show],
        // The status of the last command is the person's.
        ["m] me> ", "false"],
        ["m] me> ", shell.show],
        ["m] me> ", "avs --read-only 'odd%1v$(touch x)'"],
        ["m] me> ", "avs nowhere"],
        ["m] me> ", "avs --off"],
        ["me> ", `${shell.show}; echo "profile=$AWS_PROFILE key=$AWS_ACCESS_KEY_ID$AVS_KEY."`],
        ["me> ", "exit 0"],
      ].map(([prompt, line]) => [prompt!, line!] as const));
      assert.deepEqual(prompts(outcome.terminal), [
        "me> ",
        "[work Nm] me> ",
        "[work Nm] me> ",
        "[work Nm] me> ",
        "[work Nm] me> ",
        "[odd%1v$(touch x) Nm] me> ",
        "[odd%1v$(touch x) Nm] me> ",
        "me> ",
        "me> ",
      ]);
      assert.deepEqual(ShellHome.shown(outcome), ["0 work eu-west-1", "1 work eu-west-1", "0  "]);
      assert.match(outcome.terminal, /profile=mine key=\./);
      // In colour, as at any terminal.
      assert(outcome.terminal.includes('error\x1b[0m: Cannot find profile "nowhere"'));
      assert.equal(place.home.read("x"), undefined);
      assert.deepEqual(place.home.aws.takeCalls(), [
        "GetSessionToken by key/work for 3600s",
        "AssumeRole admin by key/work for 3600s",
      ]);
      const history = place.home.read(shell.history) ?? "";
      assert.match(history, /avs work/);
      for (const secret of place.home.aws.secrets()) {
        assert(!history.includes(secret) && !outcome.terminal.includes(secret));
      }
    },
  });

  Deno.test({
    ...here,
    name: `${shell.name} obtains new credentials before a prompt, once a minute`,
    async fn() {
      await using place = await openHome(shell, "--min-ttl 20m");
      await place.type([
        ["me> ", "avs work -d 15m"],
        // More than this session will ever have left is requested: one call by avs, one by the prompt.
        ["m] me> ", ""],
        ["m] me> ", ""],
        ["m] me> ", ""],
        ["m] me> ", "exit 0"],
      ]);
      assert.deepEqual(place.home.aws.takeCalls(), [
        "GetSessionToken by key/work for 900s",
        "GetSessionToken by key/work for 900s",
      ]);
    },
  });

  Deno.test({
    ...here,
    name: `${shell.name} asks nobody before a prompt, and shows in red that credentials end`,
    async fn() {
      await using place = await openHome(shell);
      const outcome = await place.type([
        ["me> ", "avs guarded -t 123456"],
        // What is cached serves without a question.
        ["m] me> ", shell.assign("AVS_UNTIL", "1")],
        ["m] me> ", "aws-vault clear"],
        ["m] me> ", `${shell.assign("__avs_next", "0")}; ${shell.assign("AVS_UNTIL", "1")}`],
        ["expired]", shell.show],
        ["expired]", shell.assign("AVS_UNTIL", "$(date -d +200seconds +%s)")],
        ["m]", "exit 0"],
      ]);
      assert.deepEqual(
        [...outcome.terminal.matchAll(RED)].map(([, text]) => text),
        ["[guarded expired]", "[guarded expired]", "[guarded 3m]"],
      );
      assert.doesNotMatch(outcome.terminal, /MFA code/);
      assert.deepEqual(place.home.aws.takeCalls(), [
        "AssumeRole admin by key/work for 3600s with MFA",
      ]);
    },
  });

  Deno.test({
    ...here,
    name: `a ${shell.name} within has the person's prompt, and shows whose credentials it has`,
    async fn() {
      await using place = await openHome(shell);
      const nested = shell.words.join(" ");
      const outcome = await place.type([
        ["me> ", "avs work"],
        ["m] me> ", nested],
        ["m] me> ", shell.show],
        ["m] me> ", `aws-vault exec -t 123456 guarded -- ${nested}`],
        ["m] me> ", shell.show],
        ["m] me> ", "avs --off"],
        ["me> ", shell.show],
        ["me> ", "exit 0"],
        ["m] me> ", "exit 0"],
        ["m] me> ", `${shell.assign("AWS_ACCESS_KEY_ID", "AKIAOTHER")}`],
        // Somebody else's key is not that of the profile.
        ["me> ", "exit 0"],
      ]);
      assert.deepEqual(ShellHome.shown(outcome), [
        "0 work eu-west-1",
        "0 guarded us-west-2",
        "0  us-west-2",
      ]);
      assert.deepEqual(prompts(outcome.terminal), [
        "me> ",
        "[work Nm] me> ",
        "[work Nm] me> ",
        "[work Nm] me> ",
        "[guarded Nm] me> ",
        "[guarded Nm] me> ",
        "me> ",
        "me> ",
        "[work Nm] me> ",
        "[work Nm] me> ",
        "me> ",
      ]);
    },
  });

  Deno.test({
    ignore: here.ignore || STRACE.ignore,
    name: `a prompt of ${shell.name} starts no process while nothing changes`,
    async fn() {
      await using place = await openHome(shell);
      const { home } = place;
      for (const name of ["from", "to"]) Deno.mkdirSync(`${home.path}/${name}`);
      const log = `${home.path}/strace`;
      const strace = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-y",
        `-o${log}`,
        "-etrace=process,chdir,fchdir",
      ];
      const repeated = shell.repeat("__avs_prompt");
      await place.typeInto([...strace, ...shell.words], [
        ["me> ", "avs work"],
        ["m] me> ", "cd ~/from"],
        ["m] me> ", ""],
        ["m] me> ", repeated],
        ["m] me> ", "cd ~/to"],
        ["m] me> ", "exit 0"],
      ]);
      const lines = Deno.readTextFileSync(log).split("\n");
      const [from, to] = ["from", "to"].map((name) =>
        lines.findIndex((line) => /chdir\(/.test(line) && line.includes(`${home.path}/${name}`))
      );
      assert(from! > 0 && to! > from!);
      const isStart = /\b(?:v?fork|clone3?)\((?!.*CLONE_THREAD)|execve\(/;
      assert.deepEqual(lines.slice(from, to).filter((line) => isStart.test(line)), []);
    },
  });

  Deno.test({
    ignore: needsShell(shell).ignore,
    name: `a prompt of ${shell.name} costs less than the start of one program`,
    async fn() {
      await using place = await openHome(shell);
      const now = "date +%s%N";
      const turn = [now, shell.repeat("__avs_prompt"), now, shell.repeat("/bin/true"), now];
      const turns = Array.from({ length: 5 }, () => turn).flat();
      place.home.write("script", [shell.load(""), "avs work", ...turns].join("\n"));
      const [program = "", ...args] = place.words(shell.words[0]!, `${place.home.path}/script`);
      const { stdout } = await new Deno.Command(program, { args, stderr: "null" }).output();
      const times = new TextDecoder().decode(stdout).trim().split("\n").map(Number);
      // The least of five: another program of the machine can only make one of them longer.
      const least = (from: number) =>
        Math.min(...[0, 3, 6, 9, 12].map((at) => times[at + from + 1]! - times[at + from]!));
      assert.equal(times.length, 15);
      assert(least(0) < least(1), `${least(0)} and ${least(1)} ns`);
    },
  });

  Deno.test({
    ignore: needsShell(shell).ignore || STRACE.ignore,
    name: `avs in ${shell.name} has no secret in an argument list, nor in a trace of the shell`,
    async fn() {
      await using place = await openHome(shell);
      const { home } = place;
      home.write(
        "script",
        `${shell.load("")}\nset -x\navs work\navs --off\navs work\n__avs_prompt\n/bin/true`,
      );
      const [program = "", ...words] = place.words(shell.words[0]!, `${home.path}/script`);
      const seen = await trace([program, ...words], { PATH: "/usr/bin:/bin" }, home.path);
      assert.equal(seen.code, 0, seen.stderr);
      const lists = seen.started.map((line) =>
        /^\d+ +execve\("[^"]*", (\[.*?"\]), \[/.exec(line)![1]!
      );
      assert(lists.some((list) => list.includes('"shell-use"')));
      // The passphrase of the test is in the words of `env`.
      const secrets = [...home.aws.secrets()];
      const said = [...lists, ...seen.written, seen.stdout, seen.stderr];
      for (const secret of secrets) {
        assert.deepEqual(said.filter((text) => text.includes(secret)), []);
      }
    },
  });
}
