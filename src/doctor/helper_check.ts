import type { ConfigFile } from "../config/profile.ts";
import type { Finding } from "../finding.ts";
import { splitCommand, UnfinishedCommand } from "../split_command.ts";
import { quote } from "../text.ts";
import type { Scene } from "./check.ts";

/** Programs and files that a profile's own section names and that do not exist. */
export function examineHelpers(
  { host, sources }: Pick<Scene, "host" | "sources">,
  config: ConfigFile,
  name: string,
): Finding[] {
  const text = (key: string): string => {
    const value = config.profile(name)?.settings.get(key)?.value;
    return typeof value === "string" ? value : "";
  };
  const commands = [...sources.flatMap(({ helpers = [] }) => helpers), "mfa_process"];
  const programs = commands.flatMap((key) => {
    const program = firstWord(text(key), host.platform.os);
    const isThere = program === undefined || host.programs.find(program) !== undefined;
    return isThere ? [] : [missing("helper-missing", name, key, program)];
  });
  const tokenFiles = sources.flatMap(({ tokenFiles = [] }) => tokenFiles);
  const files = tokenFiles.flatMap((key) => {
    const path = text(key);
    const isThere = path === "" || path.startsWith("~") || host.files.info(path) !== undefined;
    return isThere ? [] : [missing("token-file-missing", name, key, path)];
  });
  return [...programs, ...files];
}

/** The program of a command line, if it is plainly a program: shell built-ins are not looked up. */
function firstWord(line: string, os: Scene["host"]["platform"]["os"]): string | undefined {
  try {
    const [word = ""] = splitCommand(line, os);
    return /^[\w./\\:+-]+$/.test(word) && !SHELL_WORDS.has(word) ? word : undefined;
  } catch (error) {
    if (error instanceof UnfinishedCommand) return undefined;
    throw error;
  }
}

const SHELL_WORDS = new Set(["cd", "exec", "export", "eval", "if", "read", "set", "test", "umask"]);

function missing(id: string, profile: string, key: string, what: string): Finding {
  return {
    id,
    severity: "warning",
    subject: profile,
    message: `Profile ${quote(profile)} names ${quote(what)} (${key}), which is not there`,
    todo: `Correct ${key}, or install what it names`,
  };
}
