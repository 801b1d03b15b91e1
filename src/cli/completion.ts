/**
 * Answers the completion scripts of `completion_scripts.ts`, and those of aws-vault 7.
 *
 *     aws-vault --complete zsh|fish|pwsh WORD…     the words after the program's name, the last unfinished
 *     aws-vault --complete bash LINE WORDBREAKS    bash's line up to the cursor
 *     aws-vault --completion-bash WORD…            what aws-vault 7's scripts ask
 *
 * The first line of the answer names what follows: `values`, one per line with a tab before its description;
 * or nothing, if the shell must offer `files`, `folders`, `programs`, or complete the `child` command that
 * begins at a given word. No keystore is opened and nobody is asked: pressing TAB must not open an unlock
 * dialog. On failure the answer is empty, because there is nowhere to report an error.
 */

import { readConfig } from "../config/files.ts";
import type { ConfigFile } from "../config/profile.ts";
import { sourceSettings } from "../credentials/source.ts";
import { hasCode } from "../errors.ts";
import type { Host } from "../host.ts";
import { printDocument } from "../print.ts";
import { PROMPT_DRIVERS } from "../prompt/driver_names.ts";
import { escapeControls } from "../text.ts";
import { type BashLine, parseBashLine, quoteForBash } from "./completion_bash_line.ts";
import {
  type Completion,
  type CompletionKnowledge,
  proposeCompletions,
} from "./completion_proposal.ts";
import { isShell, SHELLS } from "./completion_shells.ts";
import { describeCommands } from "./manual_commands.ts";
import { COMMAND_GROUPS, COMMANDS_WITH_CHILD } from "./commands_table.ts";
import type { Tables } from "./invocation.ts";

/** Answers a line whose first word requests completion. Returns the exit code. */
export async function answerCompletion(
  [request = "", ...words]: readonly string[],
  host: Pick<Host, "env" | "platform" | "files" | "stdout">,
  tables: Tables,
): Promise<number> {
  const shell = request.replace("--completion-script-", "");
  if (isShell(shell)) {
    const { renderScript } = await import("./completion_scripts.ts");
    printDocument(host.stdout, renderScript(shell));
  } else {
    const topics = words.some((word) => /\bhelp\b/.test(word))
      ? (await import("./help_topics.ts")).helpTopics(tables.backends)
      : [];
    printDocument(host.stdout, answer(request, words, gatherKnowledge(host, tables, topics)));
  }
  return 0;
}

function answer(
  request: string,
  words: readonly string[],
  knowledge: CompletionKnowledge,
): string {
  if (request === "--completion-bash") return answerOldScript(words, knowledge);
  const [shell, ...rest] = words;
  if (shell === "bash") {
    const line = parseBashLine(rest[0] ?? "", rest[1] ?? "");
    const [, ...typed] = line.words;
    return renderForBash(proposeCompletions(typed, knowledge), line);
  }
  // Windows PowerShell drops an empty argument: the script puts an equals sign before the last.
  const typed = shell === "pwsh" ? [...rest.slice(0, -1), rest.at(-1)?.slice(1) ?? ""] : rest;
  return render(proposeCompletions(typed, knowledge));
}

function render(completion: Completion): string {
  if (completion.kind === "child") return `child ${completion.from}\n`;
  if (completion.kind !== "values") return `${completion.kind}\n`;
  const lines = completion.values.map(({ value, brief }) => brief ? `${value}\t${brief}` : value);
  return ["values", ...lines, ""].join("\n");
}

/** Bash inserts what it gets, so only values that begin with the word are given, and quoted. */
function renderForBash(completion: Completion, line: BashLine): string {
  if (completion.kind === "child") return `child ${line.words.length - 2 - completion.from}\n`;
  if (completion.kind !== "values") return `${completion.kind}\n`;
  const typed = line.words.at(-1) ?? "";
  const pieces = completion.values.filter(({ value }) => value.startsWith(typed))
    .map(({ value }) => quoteForBash(line, value));
  return ["values", ...pieces, ""].join("\n");
}

/**
 * Values alone. Bash's old script passes the unfinished word and fish's does not: the answer has both the
 * replacements for the last word and the words that could follow it, and the shells choose.
 */
function answerOldScript(words: readonly string[], knowledge: CompletionKnowledge): string {
  const [first, ...rest] = words;
  const typed = first !== undefined && /(^|[\\/])aws-vault(\.exe)?$/.test(first) ? rest : words;
  const ask = (asked: readonly string[]): string[] => {
    const completion = proposeCompletions(asked, knowledge);
    return completion.kind === "values" ? completion.values.map(({ value }) => value) : [];
  };
  const following = ask([...typed, ""]).filter((value) => !value.startsWith("-"));
  // Bash's script expands its input (`compgen -W`): a profile named `$(command)` would be run.
  const lines = [...ask(typed), ...following].filter((value) => /^[\w@%+=:,./ -]+$/.test(value));
  return [...new Set(lines)].map((value) => value + "\n").join("");
}

function gatherKnowledge(
  host: Pick<Host, "env" | "platform" | "files">,
  { backends, sources }: Tables,
  topics: CompletionKnowledge["topics"],
): CompletionKnowledge {
  const elsewhere = ["role_arn", ...sourceSettings(sources)];
  let config: ConfigFile | undefined;
  const names = (): string[] => {
    config ??= readConfig(host);
    // One name per line; a name that does not fit on a line is omitted.
    return config.profileNames().filter((name) => escapeControls(name) === name);
  };
  return {
    commands: describeCommands(backends),
    topics,
    commandsWithChild: COMMANDS_WITH_CHILD,
    groups: COMMAND_GROUPS,
    backends: () =>
      backends.filter(({ platforms }) => platforms.includes(host.platform.os))
        .map(({ name }) => name),
    promptDrivers: () => PROMPT_DRIVERS,
    shells: () => SHELLS,
    profiles: () => orNothing(names),
    ssoSessions: () =>
      orNothing(() => {
        config ??= readConfig(host);
        return config.ssoSessionNames().filter((name) => escapeControls(name) === name);
      }),
    keyProfiles: (names) => names.filter((name) => mayHaveKey(config, name, elsewhere)),
  };
}

/**
 * Whether a key may be stored for a profile, by its settings alone: only the keystore has the answer, and
 * it is not opened here. `elsewhere` are the settings that name other sources of its credentials.
 */
function mayHaveKey(
  config: ConfigFile | undefined,
  name: string,
  elsewhere: readonly string[],
): boolean {
  try {
    const settings = config?.profile(name)?.settings;
    return !elsewhere.some((key) => settings?.has(key));
  } catch (error) {
    if (hasCode(error, "bad-config")) return true;
    throw error;
  }
}

/** Gives nothing if the config file cannot be read: other commands report that. */
function orNothing(names: () => string[]): string[] {
  try {
    return names();
  } catch (error) {
    if (hasCode(error, "bad-config", "file-failed")) return [];
    throw error;
  }
}
