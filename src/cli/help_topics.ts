/** The topics of `help` besides commands: the same texts are sections of the manual page. */

import type { Backend } from "../backend.ts";
import { PROMPT_DRIVERS } from "../prompt/driver_names.ts";
import { EXIT_MEANINGS } from "./exit_meanings.ts";
import type { HelpTopic } from "./help_topic.ts";
import { HELP_TEXTS } from "./help_texts.ts";
import { AWS_VARIABLES, CHILD_VARIABLES, ownFiles, ownVariables } from "./manual_environment.ts";
import type { Explained } from "./manual_environment.ts";

/** All topics, with these back ends. */
export function helpTopics(backends: readonly Backend[]): readonly HelpTopic[] {
  return [
    ...HELP_TEXTS.map((text) => withTables(text, backends)),
    {
      name: "exit-codes",
      brief: "What the exit codes mean.",
      parts: [
        "exec exits with the exit code of the command that it ran. Otherwise:",
        { kind: "terms", rows: Object.entries(EXIT_MEANINGS) },
      ],
    },
    {
      name: "environment",
      brief: "The environment variables that aws-vault reads, and those that exec sets.",
      parts: [
        "Of this program:",
        { kind: "terms", rows: ownVariables(backends) },
        "Of AWS's tools:",
        { kind: "terms", rows: AWS_VARIABLES },
        "The child of exec gets:",
        { kind: "terms", rows: CHILD_VARIABLES },
      ],
    },
    {
      name: "files",
      brief: "The files and folders that aws-vault reads and writes.",
      parts: [{ kind: "terms", rows: ownFiles(backends) }],
    },
  ];
}

/** Adds the tables from elsewhere to a text: the back ends, and the prompt drivers. */
function withTables(text: HelpTopic, backends: readonly Backend[]): HelpTopic {
  const rows = {
    backends: backends.map(({ name, platforms }): Explained => [name, platforms.join(", ")]),
    mfa: [["--prompt", PROMPT_DRIVERS.join(", ")] as const],
  };
  if (!Object.hasOwn(rows, text.name)) return text;
  const table = { kind: "terms", rows: rows[text.name as keyof typeof rows] } as const;
  return { ...text, parts: [...text.parts, table] };
}
