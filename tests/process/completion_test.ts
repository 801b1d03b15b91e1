/** The completion scripts in real shells, with names that shells take apart. */

import assert from "node:assert/strict";
import { requireService, runs } from "../services.ts";
import { Folder } from "../folder.ts";
import { writeProgram } from "../services/write_program.ts";
import { denoDir } from "./deno_dir.ts";
import { launcher } from "./launch.ts";
import { NEEDS_TERMINAL, play } from "./terminal_driver.ts";

const CONFIG = `[profile work]
[profile "my profile"]
[profile team:prod]
role_arn = arn:aws:iam::111122223333:role/admin
source_profile = work
[profile a#b]
[profile "it's \\"new\\""]
`;

// On Windows there are bash and others, but not with the paths that they know.
const isWindows = Deno.build.os === "windows";
const BASH = isWindows
  ? { ignore: true }
  : requireService("bash", runs("bash", "--version"), "apt-get install bash");
const ZSH = isWindows
  ? { ignore: true }
  : requireService("zsh", runs("zsh", "--version"), "apt-get install zsh");
const FISH = isWindows
  ? { ignore: true }
  : requireService("fish", runs("fish", "--version"), "apt-get install fish");

/** A home with profiles, and the program on PATH. */
class Stage extends Folder {
  readonly env: Readonly<Record<string, string>>;

  constructor() {
    super();
    Deno.mkdirSync(`${this.path}/.aws`);
    Deno.mkdirSync(`${this.path}/bin`);
    Deno.writeTextFileSync(`${this.path}/.aws/config`, CONFIG);
    writeProgram(`${this.path}/bin/aws-vault`, launcher());
    this.env = {
      PATH: `${this.path}/bin:${Deno.env.get("PATH")}`,
      HOME: this.path,
      LANG: "C.UTF-8",
      TERM: "xterm",
      // A keystore that is opened fails the test: it asks for a passphrase, and there is nobody.
      AWS_VAULT_BACKEND: "file",
      ...denoDir(),
    };
  }

  async run(...argv: string[]): Promise<string> {
    const [program = "", ...args] = argv;
    const command = new Deno.Command(program, {
      args,
      env: this.env,
      clearEnv: true,
      cwd: this.path,
      stdin: "null",
    });
    const { stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    assert.equal(decoder.decode(stderr), "");
    return decoder.decode(stdout);
  }

  /** Types at the prompt of a shell, and gives what the terminal shows. */
  async type(argv: readonly string[], keys: string, until: string): Promise<string> {
    const variables = Object.entries(this.env).map(([name, value]) => `${name}=${value}`);
    const { terminal } = await play({
      argv: ["sh", "-c", 'cd "$0" && exec env "$@"', this.path, ...variables, ...argv],
      steps: [{ expect: "ready>", send: keys }, { expect: until, send: "exit\r" }],
    });
    return terminal;
  }
}

/**
 * The scripts of `completion SHELL`, asked for once: starting the program is most of what a completion
 * costs. The tests of bash at a real prompt evaluate what the program prints, as users do.
 */
const scripts = new Map<string, Promise<string>>();

/** Puts a shell's script into the home as `script`. */
async function putScript(stage: Stage, shell: string): Promise<void> {
  const script = scripts.get(shell) ?? stage.run("aws-vault", "completion", shell);
  scripts.set(shell, script);
  Deno.writeTextFileSync(`${stage.path}/script`, await script);
}

let dump: Promise<string> | undefined;

/** zsh's own list of its completions, which takes longer to make than all else here: made once. */
async function putDump(stage: Stage): Promise<void> {
  dump ??= stage.run("zsh", "-f", "-c", "autoload -Uz compinit; compinit -d made; cat made");
  Deno.writeTextFileSync(`${stage.path}/.zcompdump`, await dump);
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** Calls the completion function as bash does. */
async function completeInBash(stage: Stage, line: string, words: string[]): Promise<string[]> {
  await putScript(stage, "bash");
  const script = `. ./script
COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDS=("\${@:2}") COMP_CWORD=$(($# - 2))
_aws_vault aws-vault "" ""
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return lines(await stage.run("bash", "--norc", "-c", script, "bash", line, ...words));
}

const IN_BASH: [line: string, words: string[], expected: string[]][] = [
  ["aws-vault ex", ["aws-vault", "ex"], ["exec", "export", "explain"]],
  ["aws-vault --backend f", ["aws-vault", "--backend", "f"], ["file"]],
  ["aws-vault --backend=f", ["aws-vault", "--backend", "=", "f"], ["file"]],
  ["aws-vault export --format ex", ["aws-vault", "export", "--format", "ex"], ["export-env"]],
  ["aws-vault exec m", ["aws-vault", "exec", "m"], ["my\\ profile"]],
  ["aws-vault exec my\\ ", ["aws-vault", "exec", "my\\ "], ["my\\ profile"]],
  ['aws-vault exec "m', ["aws-vault", "exec", '"m'], ["my profile"]],
  ["aws-vault exec i", ["aws-vault", "exec", "i"], [`it\\'s\\ \\"new\\"`]],
  ["aws-vault exec team:", ["aws-vault", "exec", "team", ":"], ["prod"]],
  ["aws-vault exec team:p", ["aws-vault", "exec", "team", ":", "p"], ["prod"]],
  ["aws-vault exec a", ["aws-vault", "exec", "a"], ["a\\#b"]],
  ["aws-vault rotate ", ["aws-vault", "rotate", ""], [
    "work",
    "my\\ profile",
    "a\\#b",
    `it\\'s\\ \\"new\\"`,
  ]],
  ["aws-vault exec work -- aws-vau", ["aws-vault", "exec", "work", "--", "aws-vau"], ["aws-vault"]],
  ["aws-vault exec work aws-vau", ["aws-vault", "exec", "work", "aws-vau"], ["aws-vault"]],
  ["aws-vault exec work -- cat .aw", ["aws-vault", "exec", "work", "--", "cat", ".aw"], [".aws"]],
  ["aws-vault frobnicate ", ["aws-vault", "frobnicate", ""], []],
];

for (const [line, words, expected] of IN_BASH) {
  Deno.test({
    ...BASH,
    name: `bash completes: ${line}`,
    async fn() {
      using stage = new Stage();
      assert.deepEqual(await completeInBash(stage, line, words), expected);
    },
  });
}

Deno.test({
  name: "bash completes a name with a space at a real prompt",
  ignore: BASH.ignore || NEEDS_TERMINAL.ignore,
  async fn() {
    using stage = new Stage();
    const rc = `eval "$(aws-vault completion bash)"\nPS1='ready>'\n`;
    Deno.writeTextFileSync(`${stage.path}/rc`, rc);
    // Ctrl-A, and the words are printed as the shell understands them.
    const keys = `aws-vault export m\t\x01printf '<%s>' \r`;
    const shell = ["bash", "--noprofile", "--rcfile", "rc", "-i"];
    const shown = await stage.type(shell, keys, "<my profile>");
    assert.match(shown, /<aws-vault><export><my profile>/);
  },
});

Deno.test({
  name: "bash completes a name with a colon at a real prompt",
  ignore: BASH.ignore || NEEDS_TERMINAL.ignore,
  async fn() {
    using stage = new Stage();
    // The line that users of aws-vault 7 have.
    const rc = `eval "$(aws-vault --completion-script-bash)"\nPS1='ready>'\n`;
    Deno.writeTextFileSync(`${stage.path}/rc`, rc);
    const keys = `aws-vault export team:\t\x01printf '<%s>' \r`;
    const shell = ["bash", "--noprofile", "--rcfile", "rc", "-i"];
    const shown = await stage.type(shell, keys, "<team:prod>");
    assert.match(shown, /<aws-vault><export><team:prod>/);
  },
});

const IN_ZSH: [typed: string, expected: string][] = [
  ["aws-vault expl", "<aws-vault><explain>"],
  ["aws-vault export m", "<aws-vault><export><my profile>"],
  ['aws-vault export "m', "<aws-vault><export><my profile>"],
  ["aws-vault export team:", "<aws-vault><export><team:prod>"],
  ["aws-vault export a", "<aws-vault><export><a#b>"],
  ["aws-vault export it", `<aws-vault><export><it's "new">`],
  ["aws-vault --backend=fi", "<aws-vault><--backend=file>"],
  ["aws-vault export --no-se", "<aws-vault><export><--no-session>"],
  ["aws-vault exec work -- aws-vaul", "<aws-vault><exec><work><--><aws-vault>"],
  ["aws-vault exec work -- aws-vault expl", "<aws-vault><exec><work><--><aws-vault><explain>"],
  ["aws-vault exec work -- cat .aws/con", "<aws-vault><exec><work><--><cat><.aws/config>"],
];

for (const [typed, expected] of IN_ZSH) {
  Deno.test({
    name: `zsh completes: ${typed}`,
    ignore: ZSH.ignore || NEEDS_TERMINAL.ignore,
    async fn() {
      using stage = new Stage();
      await putScript(stage, "zsh");
      await putDump(stage);
      const rc = `unsetopt zle_bracketed_paste beep; autoload -Uz compinit; compinit -C
eval "$(<~/script)"\nbindkey -e\nPS1='ready>'\n`;
      Deno.writeTextFileSync(`${stage.path}/.zshrc`, rc);
      const keys = `${typed}\t\x01printf '<%s>' \r`;
      const shown = await stage.type(["zsh", "-d", "-i"], keys, expected);
      assert(shown.includes(expected));
    },
  });
}

Deno.test({
  name: "zsh completes by a file of fpath, and by the line that users of aws-vault 7 have",
  ignore: ZSH.ignore || NEEDS_TERMINAL.ignore,
  async fn() {
    using stage = new Stage();
    const script = await stage.run("aws-vault", "--completion-script-zsh");
    assert.equal(await stage.run("aws-vault", "completion", "zsh"), script);
    Deno.mkdirSync(`${stage.path}/functions`);
    Deno.writeTextFileSync(`${stage.path}/functions/_aws-vault`, script);
    const rc = `fpath=(~/functions $fpath); autoload -Uz compinit; compinit -D -u
unsetopt beep; bindkey -e\nPS1='ready>'\n`;
    Deno.writeTextFileSync(`${stage.path}/.zshrc`, rc);
    const keys = `aws-vault export m\t\x01printf '<%s>' \r`;
    const expected = "<aws-vault><export><my profile>";
    assert((await stage.type(["zsh", "-d", "-i"], keys, expected)).includes(expected));
  },
});

const IN_FISH: [typed: string, expected: string[]][] = [
  ["aws-vault expl", [
    "explain\tShow which calls a profile needs and why, and its settings, offline",
  ]],
  ["aws-vault export m", ["my profile"]],
  ["aws-vault export my\\ ", ["my profile"]],
  ["aws-vault export 'my ", ["my profile"]],
  ["aws-vault export team:", ["team:prod"]],
  ["aws-vault export a#", ["a#b"]],
  ["aws-vault exec 'my profile' -- aws-vault lis", ["list\tList profiles"]],
  ["aws-vault exec work -- cat .aws/con", [".aws/config"]],
];

for (const [typed, expected] of IN_FISH) {
  Deno.test({
    ...FISH,
    name: `fish completes: ${typed}`,
    async fn() {
      using stage = new Stage();
      await putScript(stage, "fish");
      const script = "source script; complete -C $argv[1]";
      const found = lines(await stage.run("fish", "--no-config", "-c", script, typed));
      const shown = found.map((line, i) =>
        expected[i]?.includes("\t") ? line.slice(0, expected[i].length) : line
      );
      assert.deepEqual(shown, expected);
    },
  });
}

Deno.test({
  name: "the scripts that came with aws-vault 7 get their answers",
  ignore: isWindows,
  async fn() {
    using stage = new Stage();
    const ask = async (...words: string[]) =>
      lines(await stage.run("aws-vault", "--completion-bash", ...words));
    // bash gives the word that is being written, fish does not.
    assert.deepEqual(await ask("expl"), ["explain"]);
    assert.deepEqual(await ask("clear", "wor"), ["work"]);
    assert((await ask("clear")).includes("my profile"));
    // zsh gives the program's name, too.
    assert.deepEqual(await ask("aws-vault", "clear", "team"), ["team:prod"]);
  },
});
