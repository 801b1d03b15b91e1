import type { CanonicalValue } from "../../cache/canonical.ts";
import type { Profile } from "../../config/profile.ts";
import type { Host } from "../../host.ts";
import { isForShell, roughWords, variablesOf } from "../helper_line.ts";
import { type Helper, helperWords } from "../run_helper.ts";

/** A command line of a profile whose output is credentials or is exchanged for credentials. */
export interface SourceCommand {
  readonly profile: Profile;
  readonly setting: Helper["setting"];
  readonly command: string;
}

/**
 * The known dependencies of a command's output: the line, the program found for its first word, the
 * user, the profile, and the values of the variables that the profile names in
 * `aws_vault_cache_env`.
 *
 * Other inputs of a program cannot be seen from outside, so a profile has to name them: otherwise
 * two logins that a variable distinguishes would share one row, and one would get the other's
 * credentials. `undefined`, so that nothing is cached, for a line with a relative path, also as
 * part of a word (`--file=./key`, `sh -c 'cat ./key'`): in another folder it is another program or
 * another file. For a line for the shell, every variable that it names counts, and `PATH` and
 * `HOME`; one with a file name pattern is not cached.
 */
export function commandFingerprint(
  host: Pick<Host, "env" | "files" | "platform" | "programs">,
  { profile, setting, command }: SourceCommand,
): CanonicalValue | undefined {
  const { os } = host.platform;
  const forShell = isForShell(command, os);
  if (forShell && /[*?[]/.test(command)) return undefined;
  const words = forShell
    ? roughWords(command, os)
    : helperWords({ profile: profile.name, setting, command }, os);
  if (words.some((word, i) => dependsOnFolder(host.files, word, i === 0))) return undefined;
  const variables = [...profile.cacheEnv, ...(forShell ? variablesOf(command, os) : [])];
  return {
    profile: profile.name,
    user: host.platform.user,
    command,
    program: host.programs.find(words[0] ?? ""),
    environment: [...new Set(variables)].toSorted().map((name) => [name, host.env.get(name)]),
  };
}

function dependsOnFolder(files: Pick<Host["files"], "info">, word: string, isProgram: boolean) {
  if (isProgram) return /[\\/]/.test(word) && isRelative(word);
  return [word, ...word.split(/[\s=:,;|&<>()"'`]+/)].filter(isRelative)
    .some((part) => /^\.\.?(?:[\\/]|$)/.test(part) || files.info(part) !== undefined);
}

function isRelative(path: string): boolean {
  return path !== "" && !/^(?:[\\/~]|[A-Za-z]:[\\/])/.test(path);
}
