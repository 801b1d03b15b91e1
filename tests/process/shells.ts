/** The shells that have a hook, as a person has them: at a terminal, with a prompt of one's own. */

import type { Home } from "../home.ts";
import { requireService, runs } from "../services.ts";
import { launcher } from "./launch.ts";
import { type Outcome, play, type Step } from "./terminal_driver.ts";

/** A shell that is here. */
export interface TestShell {
  readonly name: string;
  /** What starts it for a person. */
  readonly words: readonly string[];
  /** The file that it reads then, below the home. */
  readonly file: string;
  /** Sets the prompt `me> `, before the hook comes. */
  readonly prompt: string;
  /** Loads the hook, with more flags. */
  load(flags: string): string;
  /** Loads the completion of the program. */
  readonly completion: string;
  /** Sets and exports a variable, which is a number or a plain word. */
  assign(name: string, value: string): string;
  /** Prints a status, a text and two variables: `<0 work eu-west-1>`, as `<` never is in what is typed. */
  readonly show: string;
  /** Runs a command a hundred times, in the shell itself. */
  repeat(command: string): string;
  readonly history: string;
}

const posix = {
  assign: (name: string, value: string) => `export ${name}=${value}`,
  show: `printf '\\074%s %s %s\\076\\n' $? "$AWS_VAULT" "$AWS_REGION"`,
  repeat: (command: string) => `for i in {1..100}; do ${command}; done`,
};

/** Each of them. */
export const SHELLS: readonly TestShell[] = [
  {
    ...posix,
    name: "bash",
    words: ["bash", "-i"],
    file: ".bashrc",
    prompt: "PS1='me> '; HISTFILE=~/history",
    load: (flags) => `eval "$(aws-vault shell-hook bash ${flags})"`,
    completion: 'eval "$(aws-vault completion bash)"',
    history: "history",
  },
  {
    ...posix,
    name: "zsh",
    words: ["zsh", "-i"],
    file: ".zshrc",
    prompt: "PROMPT='me> '; HISTFILE=~/history SAVEHIST=100 HISTSIZE=100",
    load: (flags) => `eval "$(aws-vault shell-hook zsh ${flags})"`,
    completion: "unsetopt zle_bracketed_paste beep; autoload -Uz compinit; compinit -D -u\n" +
      'bindkey -e; eval "$(aws-vault completion zsh)"',
    history: "history",
  },
  {
    name: "fish",
    words: ["fish", "-i"],
    file: ".config/fish/config.fish",
    prompt: "set -g fish_greeting; function fish_prompt; echo -n 'me> '; end",
    load: (flags) => `aws-vault shell-hook fish ${flags} | source`,
    completion: "aws-vault completion fish | source",
    assign: (name, value) => `set -gx ${name} ${value}`,
    show: `printf '\\074%s %s %s\\076\\n' $status "$AWS_VAULT" "$AWS_REGION"`,
    repeat: (command) => `for i in (string repeat -n 100 x | string split ''); ${command}; end`,
    history: ".local/share/fish/fish_history",
  },
];

/** For `Deno.test`: whether the shell is here. */
export function needsShell({ name }: TestShell): { readonly ignore: boolean } {
  return requireService(
    name,
    Deno.build.os === "linux" && runs(name, "-c", "true"),
    `Linux, apt-get install ${name}`,
  );
}

/** A home in which a shell has the hook. */
export class ShellHome {
  readonly home: Home;
  readonly shell: TestShell;

  constructor(home: Home, shell: TestShell, flags = "") {
    this.home = home;
    this.shell = shell;
    home.write("bin/aws-vault", launcher(), 0o755);
    home.write(shell.file, `${shell.prompt}\n${shell.load(flags)}\n`);
    // Where it is not there, fish starts a program in the background, which makes it.
    home.write(".local/share/fish/generated_completions/none", "");
    // What the person's shell has of its own.
    delete home.env["AWS_REGION"];
  }

  /** The words that start a program in this home. */
  words(...program: readonly string[]): string[] {
    const { path, env } = this.home;
    const variables = { ...env, PATH: `${path}/bin:/usr/bin:/bin`, TERM: "xterm", NO_COLOR: "" };
    return [
      "env",
      ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      ...program,
    ];
  }

  /** Types lines, each when a prompt is there that ends with a text, and ends the shell. */
  async type(lines: readonly (readonly [prompt: string, line: string])[]): Promise<Outcome> {
    return await this.typeInto(this.shell.words, lines);
  }

  /** The same of another program. */
  async typeInto(
    program: readonly string[],
    lines: readonly (readonly [prompt: string, line: string])[],
  ): Promise<Outcome> {
    const steps: Step[] = lines.map(([expect, line]) => ({ expect, send: `${line}\r` }));
    return await play({ argv: this.words(...program), steps });
  }

  /** What a line shows of status, profile and region, one entry for each time. */
  static shown({ terminal }: Outcome): string[] {
    return [...terminal.matchAll(/<(.*?)>/g)].map(([, text]) => text!);
  }
}
