/**
 * The command whose help the arranged words ask for, `""` for that of the program, or `undefined` where
 * they ask for none.
 */
export function helpTopic(inputs: readonly string[]): string | undefined {
  const [first] = inputs;
  if (first === undefined) return "";
  if (first === "help") return inputs.slice(1).find((word) => !word.startsWith("-")) ?? "";
  const end = inputs.indexOf("--");
  const own = end < 0 ? inputs : inputs.slice(0, end);
  if (!own.includes("--help") && !own.includes("-h")) return undefined;
  return first.startsWith("-") ? "" : first;
}
