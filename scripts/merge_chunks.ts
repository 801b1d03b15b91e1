/**
 * Merges the chunks that every cached call loads into one file.
 *
 * The bundler makes a chunk for each set of modules that the same lazy imports share: some forty
 * small files on the path of a cached `export`, each of which the runtime resolves, reads and links
 * separately. As one file they save 2 to 3 percent of the whole process (measured, cached export of
 * an unlocked file store). The chunks themselves stay as names for the content of the one file, so
 * that all other chunks find the same instances there.
 */

/** The one file. */
export const HOT = "hot.js";

/** Which lazily loaded modules belong to a cached call, by a name that the module exports. */
const HOT_EXPORTS: ReadonlySet<string> = new Set([
  "answerCompletion",
  "exec",
  "exportCredentials",
  "openKernelKeys",
  "openFileKeyring",
  "openKeyctlKeyring",
]);

/** Bundles a file with everything that it imports, except through `import()`. */
export type BundleFile = (entry: string, output: string) => Promise<void>;

/**
 * Merges the chunks that the bundler has made of `main.ts` in a folder, and returns whether there was
 * more than one: a program without lazy imports, such as the empty one of the bench, is already one
 * file.
 */
export async function mergeHotChunks(folder: string, bundle: BundleFile): Promise<boolean> {
  const texts = await readScripts(folder);
  if (texts.size === 1) return false;
  splitMain(texts);
  const hot = hotFiles(texts);
  const write = (name: string, text: string) => Deno.writeTextFile(`${folder}/${name}`, text);
  const isCold = (name: string) => !hot.includes(name);
  for (const name of hot) await write(name, hideLazyImports(texts.get(name)!, isCold));
  await write("entry.js", hot.map(reexport("toHot", texts)).join("\n"));
  await bundle("entry.js", HOT);
  await write(HOT, showLazyImports(await Deno.readTextFile(`${folder}/${HOT}`)));
  for (const [at, name] of hot.entries()) await write(name, reexport("fromHot", texts)(name, at));
  await write("main.js", texts.get("main.js")!);
  await Deno.remove(`${folder}/entry.js`);
  return true;
}

async function readScripts(folder: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const name of [...Deno.readDirSync(folder)].map((entry) => entry.name).toSorted()) {
    if (name.endsWith(".js")) texts.set(name, await Deno.readTextFile(`${folder}/${name}`));
  }
  return texts;
}

/** The code that `main.ts` runs. */
export const PROGRAM = "program.js";

/**
 * Moves what `main.ts` runs out of `main.js`. Merged code must not wait at its top level: the chunks
 * that load while the program runs would wait for it in turn, forever.
 */
function splitMain(texts: Map<string, string>): void {
  const main = texts.get("main.js") ?? "";
  const tail = /(?:await [\w$]+\(\);)*Deno\.exit\(await [^;]+\);?\s*$/.exec(main)?.[0];
  if (tail === undefined) throw new Error("The bundle of main.ts does not end as main.ts does");
  const head = main.slice(0, -tail.length);
  const names = new Set(tail.match(/(?<![\w$.])[A-Za-z_$][\w$]*/g));
  for (const word of ["await", "Deno"]) names.delete(word);
  const list = [...names].join(",");
  texts.set(PROGRAM, `${head}export{${list}};`);
  texts.set("main.js", `import{${list}}from"./${PROGRAM}";${tail}`);
}

/** The program, everything that it imports at start, and what a cached call imports later. */
function hotFiles(texts: ReadonlyMap<string, string>): string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    for (const [, imported] of texts.get(name)!.matchAll(STATIC_IMPORT)) visit(imported!);
  };
  visit(PROGRAM);
  const missing = new Set(HOT_EXPORTS);
  for (const [name, text] of texts) {
    for (const exported of exportsOf(text)) if (missing.delete(exported)) visit(name);
  }
  if (missing.size > 0) throw new Error(`Nothing in the bundle exports ${[...missing].join(", ")}`);
  return [...found];
}

const STATIC_IMPORT = /\b(?:from|import)\s*"\.\/([^"]+)"/g;

const EXPORT_LIST = /\bexport\{([^}]*)\};?/g;

/** A minified module, and the names that it exports. */
export function readExports(text: string): {
  readonly body: string;
  readonly items: readonly { readonly local: string; readonly exported: string }[];
} {
  const names = [...text.matchAll(EXPORT_LIST)].flatMap(([, list]) => list!.split(","));
  const items = names.map((name) => name.trim()).filter((name) => name !== "").map((name) => {
    const [local = "", exported = local] = name.split(" as ");
    return { local, exported };
  });
  return { body: text.replaceAll(EXPORT_LIST, ""), items };
}

function exportsOf(text: string): string[] {
  return readExports(text).items.map(({ exported }) => exported);
}

/** Names are qualified by the number of their file: minified, many files export the same names. */
function reexport(direction: "toHot" | "fromHot", texts: ReadonlyMap<string, string>) {
  return (name: string, at: number): string => {
    const items = exportsOf(texts.get(name)!).map((exported) => {
      const numbered = `_${at}_${exported}`;
      return direction === "toHot" ? `${exported} as ${numbered}` : `${numbered} as ${exported}`;
    });
    return `export{${items.join(",")}}from"./${direction === "toHot" ? name : HOT}";`;
  };
}

/**
 * Otherwise the bundler includes all lazy imports; an import of what is in the one file becomes a
 * promise.
 */
function hideLazyImports(text: string, isCold: (name: string) => boolean): string {
  const hide = (whole: string, name: string) => isCold(name) ? `__import("./${name}")` : whole;
  return text.replaceAll(/\bimport\("\.\/([^"]+)"\)/g, hide);
}

function showLazyImports(text: string): string {
  return text.replaceAll(/\b__import\("(\.\/[^"]+)"\)/g, 'import("$1")');
}
