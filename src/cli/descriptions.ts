/** The help of a command beyond its brief, by the command's name; loaded only for help. */

/** For people who come from another tool: its command, and the equivalent one here. */
const EXPORT = [
  "Each format is quoted for its reader; a value that it cannot hold is refused.",
  "What other tools call it (avs comes from shell-hook):",
  "",
  ...[
    ["aws-sso eval -p X", 'eval "$(aws-vault export --format=export-env X)"'],
    ["aws-sso exec -p X", "aws-vault exec X"],
    ["aws-sso process -p X", "aws-vault export --format=json X"],
    ["aws-sso console -p X", "aws-vault login X"],
    ["assume X", "avs X"],
    ["assume --un", "avs --off"],
    ["assume -c X", "aws-vault login X"],
    ["assume --exec CMD X", "aws-vault exec X -- CMD"],
    ["assume --env X", "aws-vault export --format=dotenv --output .env X"],
    ["assume --export X", "aws-vault export --format=ini"],
    ["", "  --output ~/.aws/credentials --section X X"],
    ["granted credential-process", "aws-vault export --format=json X"],
    ["terraform", "aws-vault exec X -- terraform plan"],
  ].map(([theirs = "", ours = ""]) => `  ${theirs.padEnd(28)}${ours}`),
].join("\n");

/** The purpose of the program, in one sentence. */
export const PROGRAM_BRIEF =
  "Keeps AWS keys in the system's keystore, and hands out temporary credentials";

/** Lines of at most 80 columns. */
export const DESCRIPTIONS: Readonly<Record<string, string>> = { export: EXPORT };
