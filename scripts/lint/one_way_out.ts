import { areaOf, projectPath } from "./areas.ts";
import { isNamed, propertyName } from "./nodes.ts";
import { reporter } from "./reporter.ts";

/**
 * The only module that writes to standard output and standard error: all other text goes through
 * it.
 */
const WAY_OUT = "src/print.ts";

/**
 * Files whose output is a document: for a program, or only our own words. No other file prints text
 * unescaped.
 */
const DOCUMENTS = new Set([
  "src/cli/completion.ts",
  "src/cli/run.ts",
  "src/cli/stricli_run.ts",
  "src/commands/completion.ts",
  "src/commands/export.ts",
  "src/commands/shell_hook.ts",
  "src/commands/shell_use.ts",
]);

/** Text that others wrote is escaped for a person, and is a single word in a command to be typed. */
export const oneWayOut: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    const area = areaOf(path);
    if (area === undefined || area === "src/system" || path === WAY_OUT) return {};
    const report = reporter(context);
    return {
      MemberExpression(node) {
        if (propertyName(node) !== "write" || !isStream(node.object)) return;
        report(node, "This is printed unescaped", "Use `printLines` of src/print.ts");
      },
      VariableDeclarator(node) {
        if (!node.init || !isStream(node.init)) return;
        const isTaken = node.id.type === "ObjectPattern"
          ? node.id.properties.some((one) => one.type === "Property" && isNamed(one.key, "write"))
          : !isStream(node.id);
        if (isTaken) report(node, HIDDEN, "Keep the name `stdout` or `stderr`");
      },
      Property(node) {
        if (node.parent?.type !== "ObjectPattern" || !isStream(node.key)) return;
        if (node.value.type !== "Identifier" || isStream(node.value)) return;
        report(node, HIDDEN, "Keep the name `stdout` or `stderr`");
      },
      ImportSpecifier(node) {
        if (!isNamed(node.imported, "printDocument") || DOCUMENTS.has(path)) return;
        const message = "`printDocument` prints what others wrote as it is";
        report(node, message, "Use `printLines`, or add the file to DOCUMENTS with a reason");
      },
      TemplateLiteral(node) {
        const isOpen = node.quasis.slice(0, -1).some(({ raw }) => UNFINISHED_COMMAND.test(raw));
        if (!isOpen) return;
        report(node, "A name is put into a command to type", "Use `commandLine` of src/text.ts");
      },
    };
  },
};

const HIDDEN = "What is written to a stream under another name is not seen here";

/** `aws-vault rotate --resume ` before a `${`, but not the start of a sentence about the program. */
const UNFINISHED_COMMAND = /\baws-vault [a-z][a-z-]*(?: --[a-z-]+)*[ =]$/;

/** `stdout`, `host.stderr` and so on. What a program printed has the same names, but is not written to. */
function isStream(node: Deno.lint.Node): boolean {
  const name = node.type === "MemberExpression" ? propertyName(node) : undefined;
  return ["stdout", "stderr"].some((stream) => name === stream || isNamed(node, stream));
}
