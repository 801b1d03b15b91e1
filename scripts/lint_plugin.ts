/**
 * The project's own lint rules: layers, effects and names, kept by a machine (docs/architecture.md,
 * "Layers").
 *
 * Everything that differs by folder stands in the tables below. Tests and scripts are free: they may
 * import and call what they like, and only their file names are looked at.
 */

import { leadsTo } from "./import_graph.ts";

/** What the code of one area may import, besides the vocabulary (`src/*.ts`) and its own folder. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["src/cli", "src/system", "backends"],
  "src/cli": [
    "src/commands",
    "src/keystore",
    "src/rotation",
    "src/migration",
    "src/credentials",
    "src/cache",
    "src/prompt",
    "src/aws",
    "src/config",
    "src/server",
    "src/exec",
  ],
  "src/commands": [
    "src/rotation",
    "src/migration",
    "src/credentials",
    "src/cache",
    "src/prompt",
    "src/aws",
    "src/config",
    "src/server",
    "src/exec",
  ],
  "src/keystore": ["src/credentials", "src/cache"],
  "src/rotation": ["src/credentials", "src/cache", "src/aws", "src/config"],
  "src/migration": ["src/credentials", "src/config"],
  "src/credentials": ["src/cache", "src/prompt", "src/aws", "src/config"],
  "src/cache": [],
  "src/prompt": [],
  "src/aws": [],
  "src/config": [],
  "src/server": [],
  "src/exec": [],
  "src/system": [],
  "backends": [],
  "vocabulary": [],
};

/** Where what is not ours may be imported, and whether only with `await import()`; the first match counts. */
const PACKAGES: readonly { name: string; areas: readonly string[]; lazy: boolean }[] = [
  { name: "@stricli/core", areas: ["main.ts", "src/cli", "src/commands"], lazy: false },
  { name: "aws4fetch", areas: ["src/aws"], lazy: false },
  { name: "fast-xml-parser", areas: ["src/aws"], lazy: true },
  { name: "jose", areas: ["backends"], lazy: true },
  { name: "node:sqlite", areas: ["src/system"], lazy: true },
  { name: "node:http", areas: ["src/system"], lazy: true },
  { name: "node:https", areas: ["src/system"], lazy: true },
  { name: "node:", areas: ["src/system"], lazy: false },
];

/** Areas of our own that others load only when they are used, because starting must stay quick. */
const LAZY_AREAS: readonly { from: string; to: string }[] = [
  { from: "src/cli", to: "src/commands" },
  { from: "src/commands", to: "src/server" },
];

/** Globals with an effect or an answer of their own: `Host` has them all. */
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

/** Members of harmless globals that have an effect or an answer of their own. */
const BANNED_MEMBERS = new Set([
  "Date.now",
  "Math.random",
  "Temporal.Now",
  "performance.now",
  "crypto.getRandomValues",
  "crypto.randomUUID",
  "AbortSignal.timeout",
]);

/** What may write to standard output and standard error: all other text goes through it. */
const WAY_OUT = "src/print.ts";

/** Whose output is a document: for a program, or of our own words alone. Nobody else has text printed as it is. */
const DOCUMENTS = new Set([
  "src/cli/completion.ts",
  "src/cli/run.ts",
  "src/cli/stricli_run.ts",
  "src/commands/completion.ts",
  "src/commands/export.ts",
]);

const VAGUE_NAMES = new Set([
  "utils",
  "util",
  "helpers",
  "helper",
  "types",
  "index",
  "common",
  "misc",
]);

const ROOT = decodeURIComponent(new URL("..", import.meta.url).pathname);

/** The path of a linted file from the root of the project, with `/`. */
function projectPath(filename: string): string {
  const path = filename.replaceAll("\\", "/");
  const root = ROOT.replace(/^\/(?=[A-Za-z]:)/, "");
  return path.startsWith(root) ? path.slice(root.length) : path.replace(/^\.\//, "");
}

/** The area of a path, a key of {@linkcode LAYERS}, or `undefined` for tests, scripts and foreign files. */
function areaOf(path: string): string | undefined {
  if (path.endsWith("_test.ts")) return undefined;
  if (path === "main.ts") return path;
  if (/^src\/[^/]+\.ts$/.test(path)) return "vocabulary";
  const folder = /^(src\/[^/]+|backends)\//.exec(path)?.[1];
  return folder;
}

/** What a relative specifier means, as a path from the root of the project. */
function resolvePath(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

type Report = (node: Deno.lint.Node, message: string, hint: string) => void;
/** How a module is imported: for its types only, at start, or when it is used. */
type Manner = "type" | "static" | "dynamic";
type Visit = (node: Deno.lint.Node, specifier: string, manner: Manner) => void;

function reporter(context: Deno.lint.RuleContext): Report {
  return (node, message, hint) => context.report({ node, message, hint });
}

/** Calls back for every module that a file names, in whatever way. */
function visitImports(visit: Visit): Deno.lint.LintVisitor {
  const manner = (kind: string | undefined): Manner => kind === "type" ? "type" : "static";
  return {
    ImportDeclaration(node) {
      visit(node, node.source.value, manner(node.importKind));
    },
    ExportNamedDeclaration(node) {
      if (node.source) visit(node, node.source.value, manner(node.exportKind));
    },
    ExportAllDeclaration(node) {
      visit(node, node.source.value, manner(node.exportKind));
    },
    ImportExpression(node) {
      if (node.source.type === "Literal") visit(node, String(node.source.value), "dynamic");
      else visit(node, "", "dynamic");
    },
    // `typeof import("x")` and `import("x").Type`, whose argument's shape differs between releases.
    TSImportType(node) {
      const specifier = /import\(\s*["']([^"']+)["']/.exec(textOf(node.argument))?.[1];
      if (specifier !== undefined) visit(node, specifier, "type");
    },
  };
}

function textOf(argument: unknown): string {
  const literal = argument as { value?: unknown; literal?: { value?: unknown } };
  return `import("${literal.value ?? literal.literal?.value ?? ""}")`;
}

/** Imports run one way, and what is not ours is imported where the table says. */
const layers: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    const area = areaOf(path);
    if (area === undefined) return {};
    const report = reporter(context);
    return visitImports((node, specifier) => {
      if (specifier.startsWith(".")) checkOwn(report, node, path, area, specifier);
      else checkForeign(report, node, area, specifier);
    });
  },
};

/**
 * No file leads back to itself, not even for its types: of two files in a circle neither can be read,
 * tested or moved alone.
 */
const noCircles: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    if (areaOf(path) === undefined) return {};
    const report = reporter(context);
    return visitImports((node, specifier) => {
      if (!specifier.startsWith(".")) return;
      const target = resolvePath(path, specifier);
      if (!leadsTo(target, path)) return;
      const hint = "Move what both need into a file of its own";
      report(node, `"${target}" leads back to "${path}"`, hint);
    });
  },
};

function checkOwn(
  report: Report,
  node: Deno.lint.Node,
  path: string,
  area: string,
  specifier: string,
): void {
  const target = resolvePath(path, specifier);
  // Text that comes with the program, such as deno.json's version, is not a layer.
  if (target === "deno.json" && area === "src/commands") return;
  const targetArea = areaOf(target);
  const allowed = LAYERS[area];
  if (allowed === undefined) {
    report(node, `The folder "${area}" has no place in the layers`, "Add it to LAYERS");
  } else if (targetArea === undefined) {
    report(node, `"${area}" imports "${target}"`, "Only tests and scripts import those");
  } else if (
    targetArea !== area && targetArea !== "vocabulary" && !allowed.includes(targetArea)
  ) {
    const hint = `It may import ${["the vocabulary", ...allowed].join(", ")}`;
    report(node, `"${area}" imports from "${targetArea}"`, hint);
  }
}

function checkForeign(
  report: Report,
  node: Deno.lint.Node,
  area: string,
  specifier: string,
): void {
  if (specifier === "") {
    report(node, "The module that is imported is not named", "Write the path as a string");
    return;
  }
  const found = packageOf(specifier);
  if (found === undefined) {
    report(
      node,
      `"${specifier}" is not a module of the project`,
      "Add it to PACKAGES with a reason",
    );
  } else if (!found.areas.includes(area)) {
    const hint = `It is for ${found.areas.join(", ")}`;
    report(node, `"${area}" imports "${specifier}"`, hint);
  }
}

function packageOf(specifier: string) {
  return PACKAGES.find(({ name }) =>
    specifier === name || specifier.startsWith(name.endsWith(":") ? name : `${name}/`)
  );
}

/** What is costly to load is loaded where it is used. */
const lazyImports: Deno.lint.Rule = {
  create(context) {
    const path = projectPath(context.filename);
    const area = areaOf(path);
    if (area === undefined) return {};
    return visitImports((node, specifier, manner) => {
      if (manner !== "static" || !isHeavy(path, area, specifier)) return;
      const message = `"${specifier}" is loaded at every start`;
      reporter(context)(node, message, "Use `await import()` where it is needed");
    });
  },
};

function isHeavy(path: string, area: string, specifier: string): boolean {
  if (!specifier.startsWith(".")) return packageOf(specifier)?.lazy ?? false;
  const target = areaOf(resolvePath(path, specifier));
  return LAZY_AREAS.some(({ from, to }) => from === area && to === target);
}

/** Effects are asked of `Host`, so that a signature is a list of permissions. */
const hostOnly: Deno.lint.Rule = {
  create(context) {
    const area = areaOf(projectPath(context.filename));
    if (area === undefined || area === "src/system" || area === "main.ts") return {};
    const report = reporter(context);
    const complain = (node: Deno.lint.Node, what: string) =>
      report(node, `\`${what}\` outside src/system`, "Take the part of Host that does it");
    const uses: Deno.lint.Identifier[] = [];
    const own = new Set<string>();
    return {
      Identifier(node) {
        if (!BANNED_GLOBALS.has(node.name)) return;
        if (isDeclared(node)) own.add(node.name);
        else if (isReference(node)) uses.push(node);
      },
      MemberExpression(node) {
        const name = memberName(node);
        if (name !== undefined && BANNED_MEMBERS.has(name)) complain(node, name);
        const object = name?.split(".")[0];
        if (object === "globalThis" || object === "self" || object === "window") {
          complain(node, name ?? "");
        }
      },
      NewExpression(node) {
        if (isNamed(node.callee, "Date") && node.arguments.length === 0) {
          complain(node, "new Date()");
        }
      },
      CallExpression(node) {
        if (isNamed(node.callee, "Date")) complain(node, "Date()");
      },
      // A name that the file declares is its own everywhere in it: the plugin interface has no
      // scopes, and these rules are against accidents.
      "Program:exit"() {
        for (const use of uses) if (!own.has(use.name)) complain(use, use.name);
      },
    };
  },
};

function isNamed(node: Deno.lint.Node, name: string): boolean {
  return node.type === "Identifier" && node.name === name;
}

function memberName(node: Deno.lint.MemberExpression): string | undefined {
  if (node.object.type !== "Identifier") return undefined;
  if (node.property.type === "Identifier" && !node.computed) {
    return `${node.object.name}.${node.property.name}`;
  }
  return node.property.type === "Literal"
    ? `${node.object.name}.${node.property.value}`
    : undefined;
}

/** Whether the identifier gives a name to something in this file. */
function isDeclared(node: Deno.lint.Identifier): boolean {
  const parent = parentOf(node);
  switch (parent.type) {
    case "VariableDeclarator":
    case "ClassDeclaration":
      return parent.id === node;
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "TSDeclareFunction":
      return parent.id === node || (parent.params as unknown[]).includes(node);
    case "ArrowFunctionExpression":
      return (parent.params as unknown[]).includes(node);
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
    case "ImportNamespaceSpecifier":
    case "ArrayPattern":
      return true;
    case "AssignmentPattern":
      return parent.left === node;
    case "Property":
      return parent.value === node && parentOf(parent).type === "ObjectPattern";
    default:
      return false;
  }
}

/** Whether the identifier stands for a value, and is not the name of a member or a parameter of a type. */
function isReference(node: Deno.lint.Identifier): boolean {
  const parent = parentOf(node);
  switch (parent.type) {
    case "MemberExpression":
      return parent.object === node || parent.computed;
    case "Property":
      return parent.value === node;
    case "MethodDefinition":
    case "PropertyDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
    case "TSFunctionType":
    case "TSAbstractMethodDefinition":
    case "TSAbstractPropertyDefinition":
    case "LabeledStatement":
    case "ExportSpecifier":
    case "TSNamedTupleMember":
      return false;
    case "TSQualifiedName":
      return parent.left === node;
    default:
      return true;
  }
}

function parentOf(node: Deno.lint.Node): Deno.lint.Node {
  return (node as unknown as { parent: Deno.lint.Node }).parent;
}

/** Text that others wrote reaches a person escaped, and as one word of a command that is to be typed. */
const oneWayOut: Deno.lint.Rule = {
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

/** `aws-vault rotate --resume ` before a `${`, but not the start of a sentence about the program. */
const UNFINISHED_COMMAND = /\baws-vault [a-z][a-z-]*(?: --[a-z-]+)*[ =]$/;

/** `stdout`, `host.stderr` and the like; what a program printed has the same names, but is not written to. */
function isStream(node: Deno.lint.Node): boolean {
  const name = node.type === "MemberExpression" ? propertyName(node) : undefined;
  return ["stdout", "stderr"].some((stream) => name === stream || isNamed(node, stream));
}

function propertyName({ property }: Deno.lint.MemberExpression): string | undefined {
  if (property.type === "Identifier") return property.name;
  return property.type === "Literal" ? String(property.value) : undefined;
}

/** A file is named after the one thing in it. */
const fileNames: Deno.lint.Rule = {
  create(context) {
    const name = projectPath(context.filename).split("/").at(-1) ?? "";
    const stem = name.replace(/(_test)?\.[a-z]+$/, "");
    const report = reporter(context);
    return {
      Program(node) {
        if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(stem)) {
          report(node, `The file name "${name}" is not snake_case`, "Rename it");
        } else if (VAGUE_NAMES.has(stem)) {
          report(node, `The file name "${name}" says nothing`, "Name it after what it does");
        }
      },
    };
  },
};

/** What is exported has a docstring. */
const docstrings: Deno.lint.Rule = {
  create(context) {
    if (areaOf(projectPath(context.filename)) === undefined) return {};
    let overloaded = "";
    return {
      ExportNamedDeclaration(node) {
        const name = declaredName(node.declaration);
        if (name === undefined) return;
        const isFurtherForm = name === overloaded;
        overloaded = node.declaration?.type === "TSDeclareFunction" ? name : "";
        if (isFurtherForm || hasDocstring(context.sourceCode.text, node.range[0])) return;
        const message = `"${name}" is exported without a docstring`;
        reporter(context)(node, message, "Say in one sentence what it is or does");
      },
    };
  },
};

function declaredName(declaration: Deno.lint.ExportNamedDeclaration["declaration"]) {
  if (!declaration) return undefined;
  if (declaration.type === "VariableDeclaration") {
    const id = declaration.declarations[0]?.id;
    return id?.type === "Identifier" ? id.name : "";
  }
  const id = "id" in declaration ? declaration.id : undefined;
  return id && "name" in id ? id.name : "";
}

function hasDocstring(text: string, start: number): boolean {
  const before = text.slice(0, start)
    .replace(/(\s*\/\/ deno-lint-ignore[^\n]*)+\s*$/, "")
    .trimEnd();
  return before.endsWith("*/") && before.startsWith("/**", before.lastIndexOf("/*"));
}

/** Nothing runs at import: modules declare, `main.ts` acts. */
const declareOnly: Deno.lint.Rule = {
  create(context) {
    const area = areaOf(projectPath(context.filename));
    if (area === undefined || area === "main.ts") return {};
    const report = reporter(context);
    return {
      Program(node) {
        for (const statement of node.body) {
          if (
            !/^(Expression|If|For|ForOf|ForIn|While|Try|Switch|Block)Statement$/.test(
              statement.type,
            )
          ) {
            continue;
          }
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

const plugin: Deno.lint.Plugin = {
  name: "vault",
  rules: {
    "layers": layers,
    "no-circles": noCircles,
    "lazy-imports": lazyImports,
    "host-only": hostOnly,
    "one-way-out": oneWayOut,
    "file-names": fileNames,
    "docstrings": docstrings,
    "declare-only": declareOnly,
  },
};

export default plugin;
