/** The program as plain data: for help and the manual page. */

import type { Backend } from "../backend.ts";
import { PROGRAM_BRIEF } from "./descriptions.ts";
import type { HelpTopic } from "./help_topic.ts";
import { helpTopics } from "./help_topics.ts";
import { describeCommands, type ManualCommand } from "./manual_commands.ts";

/** The program as its manual describes it. */
export interface ManualProgram {
  /** Its purpose, in one sentence. */
  readonly brief: string;
  /** In the order of the help. */
  readonly commands: readonly ManualCommand[];
  /** The topics of `help` besides commands. */
  readonly topics: readonly HelpTopic[];
}

/** Describes the program with these back ends. */
export function describeProgram(backends: readonly Backend[]): ManualProgram {
  return {
    brief: PROGRAM_BRIEF,
    commands: describeCommands(backends),
    topics: helpTopics(backends),
  };
}
