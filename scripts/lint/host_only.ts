import { areaOf, projectPath } from "./areas.ts";
import { isDeclared, isReference } from "./identifiers.ts";
import { isNamed, memberName } from "./nodes.ts";
import { reporter } from "./reporter.ts";

/** Globals with side effects or nondeterministic results: `Host` has them all. */
const BANNED_GLOBALS = new Set([
  "Deno",
  "fetch",
  "setTimeout",
  "setInterval",
  "console",
  "process",
  "localStorage",
  "sessionStorage",
  "WebSocket",
  "Worker",
]);

/** Members of harmless globals that have side effects or nondeterministic results. */
const BANNED_MEMBERS = new Set([
  "Date.now",
  "Math.random",
  "Temporal.Now",
  "performance.now",
  "crypto.getRandomValues",
  "crypto.randomUUID",
  "AbortSignal.timeout",
]);

/** Effects are obtained from `Host`, so that a signature is a list of permissions. */
export const hostOnly: Deno.lint.Rule = {
  create(context) {
    const area = areaOf(projectPath(context.filename));
    if (area === undefined || area === "src/system" || area === "main.ts") return {};
    const report = reporter(context);
    const refuse: Refuse = (node, what) =>
      report(node, `\`${what}\` outside src/system`, "Take the part of Host that does it");
    return { ...visitGlobals(refuse), ...visitMembers(refuse), ...visitDates(refuse) };
  },
};

type Refuse = (node: Deno.lint.Node, what: string) => void;

/**
 * A name that the file declares counts as its own everywhere in the file: the plugin interface has
 * no scopes, and these rules prevent accidents, not attacks.
 */
function visitGlobals(refuse: Refuse): Deno.lint.LintVisitor {
  const uses: Deno.lint.Identifier[] = [];
  const own = new Set<string>();
  return {
    Identifier(node) {
      if (!BANNED_GLOBALS.has(node.name)) return;
      if (isDeclared(node)) own.add(node.name);
      else if (isReference(node)) uses.push(node);
    },
    "Program:exit"() {
      for (const use of uses) if (!own.has(use.name)) refuse(use, use.name);
    },
  };
}

function visitMembers(refuse: Refuse): Deno.lint.LintVisitor {
  return {
    MemberExpression(node) {
      const name = memberName(node);
      if (name === undefined) return;
      if (BANNED_MEMBERS.has(name) || /^(globalThis|self|window)\./.test(name)) refuse(node, name);
    },
  };
}

function visitDates(refuse: Refuse): Deno.lint.LintVisitor {
  return {
    NewExpression(node) {
      if (isNamed(node.callee, "Date") && node.arguments.length === 0) refuse(node, "new Date()");
    },
    CallExpression(node) {
      if (isNamed(node.callee, "Date")) refuse(node, "Date()");
    },
  };
}
