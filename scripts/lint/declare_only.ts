import { areaOf, projectPath } from "./areas.ts";
import { reporter } from "./reporter.ts";

const RUNS = /^(Expression|If|For|ForOf|ForIn|While|Try|Switch|Block)Statement$/;

/** Nothing runs at import: modules declare, `main.ts` acts. */
export const declareOnly: Deno.lint.Rule = {
  create(context) {
    const area = areaOf(projectPath(context.filename));
    if (area === undefined || area === "main.ts") return {};
    const report = reporter(context);
    return {
      Program(node) {
        for (const statement of node.body.filter(({ type }) => RUNS.test(type))) {
          report(statement, "This runs at import", "Move it into a function");
        }
      },
      AwaitExpression(node) {
        const ancestors = context.sourceCode.getAncestors(node);
        if (ancestors.some(({ type }) => /Function|MethodDefinition/.test(type))) return;
        report(node, "This waits at import", "Move it into a function");
      },
    };
  },
};
