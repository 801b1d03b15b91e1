import type { EXIT_CODES } from "../errors.ts";

/** Every exit code of `EXIT_CODES`, and success; a code without a meaning here does not compile. */
type ExitCode = 0 | typeof EXIT_CODES[keyof typeof EXIT_CODES];

/** The meaning of each exit code, for the manual. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: "Success",
  1: "Failure",
  2: "A flag, an argument or a variable cannot be understood",
  3: "The profile is unknown, or no credentials are stored for it",
  4: "A person is needed and none can be asked: a prompt without a terminal or under --no-prompt, " +
    "a locked keystore, or another aws-vault that is waiting for an answer",
  5: "AWS refused the request",
  126: "The command for exec cannot be started",
  127: "The command for exec does not exist",
  130: "Interrupted, or a prompt was dismissed",
};
