import type { Finding } from "../finding.ts";
import { commandLine, quote } from "../text.ts";
import type { Check, Scene } from "./check.ts";

/** The program itself: whether its name runs another program, and whether the shell completes it. */
export const PROGRAM: Check = {
  id: "program",
  subject: "aws-vault",
  steps: [({ host }) => findShadow(host), ({ host }) => findCompletion(host)],
};

const NAME = "aws-vault";

function findShadow({ platform, programs, files }: Scene["host"]): Finding[] {
  const own = files.realPath(platform.executable);
  // When run from its sources, the program is the runtime.
  if (own === undefined || !/[/\\]aws-vault[^/\\]*$/.test(own)) return [];
  const found = programs.find(NAME);
  if (found === undefined || files.realPath(found) === own || isWrapper(files, found, own)) {
    return [];
  }
  return [{
    id: "shadowed",
    severity: "warning",
    subject: NAME,
    message: `The program aws-vault in PATH is ${quote(found)}, and this is ${quote(own)}`,
    todo: "Remove one of the two, or put the folder of this one first in PATH",
  }];
}

/** Whether a script, such as a package's wrapper, names the program itself. */
function isWrapper(files: Scene["host"]["files"], path: string, own: string): boolean {
  if ((files.info(path)?.size ?? Infinity) > 65_536) return false;
  const text = files.readText(path) ?? "";
  return text.startsWith("#!") && text.includes(own);
}

/** Where each shell reads its completions; its start files, relative to the home folder. */
const START_FILES: Readonly<Record<string, readonly string[]>> = {
  bash: [".bashrc", ".bash_profile", ".profile", ".bash_completion"],
  zsh: [".zshrc", ".zprofile", ".zshenv"],
  fish: [".config/fish/config.fish", ".config/fish/completions/aws-vault.fish"],
};

const SYSTEM_FILES: Readonly<Record<string, readonly string[]>> = {
  bash: [
    "/usr/share/bash-completion/completions/aws-vault",
    "/usr/local/share/bash-completion/completions/aws-vault",
    "/etc/bash_completion.d/aws-vault",
    "/opt/homebrew/etc/bash_completion.d/aws-vault",
  ],
  zsh: [
    "/usr/share/zsh/site-functions/_aws-vault",
    "/usr/share/zsh/vendor-completions/_aws-vault",
    "/usr/local/share/zsh/site-functions/_aws-vault",
    "/opt/homebrew/share/zsh/site-functions/_aws-vault",
  ],
  fish: [
    "/usr/share/fish/vendor_completions.d/aws-vault.fish",
    "/opt/homebrew/share/fish/vendor_completions.d/aws-vault.fish",
  ],
};

function findCompletion({ env, platform, files }: Scene["host"]): Finding[] {
  const shell = /[^/]*$/.exec(env.get("SHELL") ?? "")![0];
  const starts = Object.hasOwn(START_FILES, shell) ? START_FILES[shell]! : undefined;
  if (starts === undefined || platform.home === undefined) return [];
  const isCompleted = SYSTEM_FILES[shell]!.some((path) => files.info(path) !== undefined) ||
    starts.some((name) => /\baws-vault\b/.test(files.readText(`${platform.home}/${name}`) ?? ""));
  return isCompleted ? [] : [{
    id: "completion-missing",
    severity: "note",
    subject: shell,
    message: `${shell} does not complete the commands and profiles of aws-vault`,
    todo: `See: ${commandLine(["completion", shell])}`,
  }];
}
