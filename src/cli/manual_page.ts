/** The manual page aws-vault(1), in the man macros that every roff supports. */

import { DESCRIPTIONS } from "./descriptions.ts";
import { EXIT_MEANINGS } from "./exit_meanings.ts";
import type { HelpTopic, TopicPart } from "./help_topic.ts";
import { AWS_VARIABLES, CHILD_VARIABLES, type Explained } from "./manual_environment.ts";
import {
  type ManualCommand,
  type ManualFlag,
  renderUsage,
  shownGlobalFlags,
} from "./manual_commands.ts";
import { flagTerm } from "./manual_help.ts";
import type { ManualProgram } from "./manual_program.ts";

/** The contents of the page. */
export interface Manual extends ManualProgram {
  readonly version: string;
  /** Variables of this program. */
  readonly variables: readonly Explained[];
  /** Files and folders of this program. */
  readonly files: readonly Explained[];
}

/** The day of the last change to this page's own text: a release must be reproducible at any time. */
const DATE = "2026-11-22";

/** Renders the page; the same input gives the same text. */
export function renderManualPage({ brief, version, commands, topics, ...own }: Manual): string {
  const shown = commands.filter(({ isHidden }) => !isHidden);
  return [
    `.TH AWS\\-VAULT 1 ${DATE} "aws\\-vault ${escape(version)}" "User Commands"`,
    ".nh",
    ...section("NAME", [`aws\\-vault \\- ${escape(lowerFirst(brief))}`]),
    ...section("SYNOPSIS", [
      ".B aws\\-vault",
      "[\\fIglobal flags\\fR] \\fIcommand\\fR [\\fIflags\\fR] [\\fIarguments\\fR]",
    ]),
    ...section("DESCRIPTION", [escape(DESCRIPTION[0]), ".PP", escape(DESCRIPTION[1])]),
    ...section("COMMANDS", shown.flatMap(renderCommand)),
    ...section("OPTIONS", [
      "Every command takes these, before or after its name.",
      ...shownGlobalFlags(commands).flatMap(renderFlag),
    ]),
    ...topics.flatMap(renderTopic),
    ...section("ENVIRONMENT", [
      ...definitions(own.variables),
      ".PP",
      "Variables that other AWS tools know as well:",
      ...definitions(AWS_VARIABLES),
      ".PP",
      "The child of \\fBexec\\fR gets:",
      ...definitions(CHILD_VARIABLES),
    ]),
    ...section("FILES", definitions(own.files)),
    ...section("EXIT STATUS", [
      "\\fBexec\\fR exits with the exit status of the command that it ran. Otherwise:",
      ...definitions(Object.entries(EXIT_MEANINGS)),
    ]),
    ...section(
      "EXAMPLES",
      EXAMPLES.flatMap(([command, text]) => [
        ".TP",
        `.B ${escape(command)}`,
        escape(text),
      ]),
    ),
    ...section("SEE ALSO", [".BR aws (1),", ".BR pass (1),", ".BR keyctl (1)"]),
  ].flatMap(foldText()).join("\n") + "\n";
}

const DESCRIPTION = [
  "aws-vault stores long-term AWS access keys in the keystore of the operating system, makes " +
  "temporary credentials from them with AWS STS, and gives those to a command, a shell or an SDK. " +
  "Profiles, roles and MFA devices are read from the config file that the AWS CLI reads.",
  "Temporary credentials are cached, encrypted, until shortly before they expire. Of many processes " +
  "that need the same ones at once, one asks and the others wait for its answer.",
] as const;

const EXAMPLES: readonly Explained[] = [
  ["aws-vault add work", "Stores a key for the profile work; its parts are asked for."],
  ["aws-vault exec work -- aws s3 ls", "Runs a command with temporary credentials."],
  ["aws-vault export --format=json work", "Prints credentials as a credential_process must."],
  ["aws-vault rotate work", "Replaces the stored key with a new one."],
];

function section(title: string, lines: readonly string[]): string[] {
  return [`.SH ${title.includes(" ") ? `"${title}"` : title}`, ...lines];
}

/** Renders a topic, unless the page already has a section for it. */
function renderTopic({ title, parts }: HelpTopic): string[] {
  return title === undefined
    ? []
    : section(title.toUpperCase(), parts.flatMap(renderPart).slice(1));
}

function renderPart(part: TopicPart): string[] {
  if (typeof part === "string") return [".PP", escape(part)];
  if (part.kind === "terms") return definitions(part.rows);
  return [".PP", ".nf", ...part.lines.map(escape), ".fi"];
}

function renderCommand(command: ManualCommand): string[] {
  const { name, aliases, brief, flags } = command;
  const description = DESCRIPTIONS[name];
  const also = aliases.length === 0
    ? []
    : [`Also: ${aliases.map((name) => `\\fB${escape(name)}\\fR`).join(", ")}.`];
  return [
    `.SS ${escape(renderUsage(command))}`,
    `${escape(brief)}.`,
    ...also,
    ...(description === undefined ? [] : [".PP", ...renderDescription(description)]),
    ...flags.filter(({ isGlobal, isHidden }) => !isGlobal && !isHidden).flatMap(renderFlag),
  ];
}

/** Indented lines are rows of a table. */
function renderDescription(description: string): string[] {
  const isTable = (line = "") => line.startsWith(" ");
  const lines = description.split("\n").filter((line) => line !== "");
  return lines.flatMap((line, at) => [
    ...isTable(line) && !isTable(lines[at - 1]) ? [".PP", ".nf"] : [],
    escape(line),
    ...isTable(line) && !isTable(lines[at + 1]) ? [".fi"] : [],
  ]);
}

function renderFlag(flag: ManualFlag): string[] {
  return definition(flagTerm(flag).trim(), flag.brief);
}

function definitions(rows: readonly Explained[]): string[] {
  return rows.flatMap(([term, meaning]) => definition(term, meaning));
}

function definition(term: string, meaning: string): string[] {
  return [".TP", `\\fB${escape(term)}\\fR`, escape(meaning)];
}

/** Escapes text for roff: its escape character, minus signs for copying, and control lines. */
function escape(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("…", "...")
    .replaceAll("~", "\\(ti").replaceAll("^", "\\(ha").replaceAll("`", "\\(ga")
    .replaceAll("'", "\\(aq").replace(/^\./gm, "\\&.");
}

/** Folds filled text, line by line; text between `.nf` and `.fi` stays unchanged. */
function foldText(): (line: string) => string[] {
  let isFilled = true;
  return (line) => {
    if (line === ".nf" || line === ".fi") isFilled = line === ".fi";
    return isFilled ? fold(line) : [line];
  };
}

/** Ends lines of text before column 80; macros stay whole, because their line is their argument. */
function fold(line: string): string[] {
  if (line.startsWith(".") || line.length < 80) return [line];
  const space = line.lastIndexOf(" ", 79);
  if (space <= 0) return [line];
  const rest = line.slice(space + 1);
  return [line.slice(0, space), ...fold(rest.startsWith(".") ? `\\&${rest}` : rest)];
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
