/** How a rule reports its findings. */

/** Reports a node, with what is wrong and what to do instead. */
export type Report = (node: Deno.lint.Node, message: string, hint: string) => void;

/** The report of one rule about one file. */
export function reporter(context: Deno.lint.RuleContext): Report {
  return (node, message, hint) => context.report({ node, message, hint });
}
