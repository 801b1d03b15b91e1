/**
 * Every hint that the program can give, read from its sources: what is in `hints: [...]`, in
 * `hint(...)` and in `hint: ...`, with the constants that are named there.
 */

/** A hint as its source has it; `{…}` stands for what varies. */
export interface HintText {
  readonly text: string;
  readonly file: string;
}

type Node = Deno.lint.Node;

const FOLDERS = ["../../src/", "../../backends/"];

/** All hints of the sources, each once, in the order of their text. */
export function readHints(): HintText[] {
  const files = FOLDERS.flatMap((folder) => [...sourcesBelow(new URL(folder, import.meta.url))]);
  const constants = new Map<string, string[]>();
  const found = new Map<string, string>();
  const uses: [file: string, names: string[], texts: string[]][] = [];
  for (const file of files) visit(file, constants, uses);
  for (const [file, names, texts] of uses) {
    const named = names.flatMap((name) => constants.get(name) ?? []);
    for (const text of [...texts, ...named]) if (isHint(text)) found.set(text, file);
  }
  return [...found].map(([text, file]) => ({ text, file })).toSorted((a, b) =>
    a.text < b.text ? -1 : 1
  );
}

/** Hints begin with a capital or are a command; the rest are parts of expressions. */
function isHint(text: string): boolean {
  return /^[A-Z{]/.test(text) && /\s/.test(text);
}

function* sourcesBelow(folder: URL): Generator<URL> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* sourcesBelow(new URL(`${name}/`, folder));
    else if (/(?<!_test)\.ts$/.test(name)) yield new URL(name, folder);
  }
}

function visit(
  file: URL,
  constants: Map<string, string[]>,
  uses: [file: string, names: string[], texts: string[]][],
): void {
  const place = file.pathname.replace(/^.*\/(?=(?:src|backends)\/)/, "");
  const use = (node: Node | null | undefined) => {
    if (!node) return;
    const texts: string[] = [];
    const names: string[] = [];
    collect(node, texts, names);
    uses.push([place, names, texts]);
  };
  const plugin: Deno.lint.Plugin = {
    name: "hints",
    rules: {
      read: {
        create: () => ({
          Property(node) {
            const key = node.key.type === "Identifier" ? node.key.name : "";
            if (/^hints?$/.test(key)) use(node.value as Node);
          },
          CallExpression(node) {
            const { callee } = node;
            if (
              callee.type === "MemberExpression" && callee.property.type === "Identifier" &&
              callee.property.name === "hint"
            ) use(node.arguments[0] as Node);
          },
          // What makes hints is named so.
          "FunctionDeclaration[id.name=/[hH]int/] TemplateLiteral": (
            node: Deno.lint.TemplateLiteral,
          ) => uses.push([place, [], [template(node)]]),
          "FunctionDeclaration[id.name=/[hH]int/] Literal": (node: Deno.lint.Literal) =>
            typeof node.value === "string" && uses.push([place, [], [node.value]]),
          VariableDeclarator(node) {
            if (node.id.type !== "Identifier" || !node.init) return;
            if (node.init.type === "CallExpression") return;
            const texts: string[] = [];
            collect(node.init as Node, texts, []);
            constants.set(node.id.name, [...constants.get(node.id.name) ?? [], ...texts]);
          },
        }),
      },
    },
  };
  Deno.lint.runPlugin(plugin, file.pathname, Deno.readTextFileSync(file));
}

/** The texts of an expression, and the names in it. */
function collect(node: Node, texts: string[], names: string[]): void {
  if (node.type === "Literal" && typeof node.value === "string") texts.push(node.value);
  else if (node.type === "TemplateLiteral") texts.push(template(node));
  else if (node.type === "Identifier") names.push(node.name);
  else if (node.type === "BinaryExpression" && node.operator === "+") texts.push(joined(node));
  else for (const child of children(node)) collect(child, texts, names);
}

function template(node: Deno.lint.TemplateLiteral): string {
  return node.quasis.map((part, at) => {
    const inner = node.expressions[at];
    return part.cooked + (inner === undefined ? "" : varying(inner as Node));
  }).join("");
}

function joined(node: Node): string {
  if (node.type === "BinaryExpression") {
    return joined(node.left as Node) + joined(node.right as Node);
  }
  if (node.type === "Literal") return String(node.value);
  return node.type === "TemplateLiteral" ? template(node) : varying(node);
}

/** `commandLine(["rotate", "--resume"], profile)` is `aws-vault rotate --resume {…}`. */
function varying(node: Node): string {
  if (node.type !== "CallExpression" || node.callee.type !== "Identifier") return "{…}";
  if (node.callee.name !== "commandLine") return "{…}";
  const [words, profile] = node.arguments;
  const all = words?.type === "ArrayExpression"
    ? words.elements.map((it) => it?.type === "Literal" ? String(it.value) : "{…}")
    : ["{…}"];
  return ["aws-vault", ...all, ...(profile ? ["{…}"] : [])].join(" ");
}

/** The parts of an expression that can be a hint, or hold one. */
function children(node: Node): Node[] {
  const of = (...nodes: readonly unknown[]) => nodes.filter((it): it is Node => Boolean(it));
  if (node.type === "ArrayExpression") return of(...node.elements);
  if (node.type === "SpreadElement") return of(node.argument);
  if (node.type === "ConditionalExpression") return of(node.consequent, node.alternate);
  if (node.type === "LogicalExpression") return of(node.left, node.right);
  if (node.type === "CallExpression") return of(...node.arguments);
  if (node.type === "ArrowFunctionExpression") return of(node.body);
  if (node.type === "TSAsExpression") return of(node.expression);
  if (node.type === "ObjectExpression") {
    return of(...node.properties.map((it) => it.type === "Property" ? it.value : undefined));
  }
  return [];
}
