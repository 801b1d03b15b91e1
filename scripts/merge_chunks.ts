/**
 * Merges the chunks that every cached call loads into one file.
 *
 * The bundler makes a chunk for each set of modules that the same lazy imports share: some forty
 * small files on the path of a cached `export`, each of which the runtime resolves, reads and links
 * separately. As one file they save 2 to 3 percent of the whole process (measured, cached export of
 * an unlocked file store). All other chunks import from the one file, so that they find the same
 * instances there; the merged chunks stay as names for its content, for lazy imports.
 */

/** The one file. */
export const HOT = "hot.js";

/** Which lazily loaded modules belong to a cached call, by a name that the module exports. */
export const HOT_EXPORTS: ReadonlySet<string> = new Set([
  "answerCompletion",
  "exec",
  "exportCredentials",
  "openSessionCache",
  "SOURCES",
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
  const entry = [...hot.map(reexport("toHot", texts)), renderMerged(hot, texts)];
  for (const name of hot) await write(name, hideLazyImports(texts.get(name)!, hot));
  await write(MERGED, "export const __merged={};");
  await write(ENTRY, entry.join("\n"));
  await bundle(ENTRY, HOT);
  await write(HOT, showLazyImports(await Deno.readTextFile(`${folder}/${HOT}`)));
  for (const [at, name] of hot.entries()) await write(name, reexport("fromHot", texts)(name, at));
  for (const [name, text] of texts) {
    if (!hot.includes(name)) await write(name, importFromHot(text, hot));
  }
  await write("main.js", texts.get("main.js")!);
  for (const name of [ENTRY, MERGED]) await Deno.remove(`${folder}/${name}`);
  return true;
}

/** What the bundler starts from. */
const ENTRY = "entry.js";

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

/** Each module on the way costs every call a little: the runtime reads the list of all of them. */
function importFromHot(text: string, hot: readonly string[]): string {
  const needed = text.replaceAll(BARE_IMPORT, (whole, name) => hot.includes(name) ? "" : whole);
  return needed.replaceAll(NAMED_IMPORT, (whole, list: string, name: string) => {
    const at = hot.indexOf(name);
    const numbered = list.split(",").map((item) => {
      const [exported = "", local = exported] = item.trim().split(" as ");
      return `_${at}_${exported} as ${local}`;
    });
    return at < 0 ? whole : `import{${numbered.join()}}from"./${HOT}"`;
  });
}

const BARE_IMPORT = /\bimport\s*"\.\/([^"]+)";?/g;
const NAMED_IMPORT = /\bimport\s*\{([^}]+)\}\s*from\s*"\.\/([^"]+)"/g;

/**
 * The lazily imported chunks of the one file, by their specifiers. For a lazy import of a merged chunk the
 * bundler would delay each module behind a function, which modules call for each of their imports: a
 * thousand calls, 3 percent of the whole process (measured, cached export).
 */
const MERGED = "merged.js";

function renderMerged(hot: readonly string[], texts: ReadonlyMap<string, string>): string {
  const imported = hot.flatMap((name) => [...texts.get(name)!.matchAll(LAZY_IMPORT)])
    .map(([, name]) => name!);
  const names = [...new Set(imported)].filter((name) => hot.includes(name));
  return [
    `import{__merged}from"./${MERGED}";`,
    ...names.map((name, at) =>
      `import*as chunk${at} from"./${name}";__merged["./${name}"]=chunk${at};`
    ),
  ].join("\n");
}

const LAZY_IMPORT = /\bimport\("\.\/([^"]+)"\)/g;

/** Otherwise the bundler includes all lazy imports; one of a merged chunk becomes a promise. */
function hideLazyImports(text: string, hot: readonly string[]): string {
  const hidden = text.replaceAll(
    LAZY_IMPORT,
    (_, name) =>
      hot.includes(name) ? `Promise.resolve(__merged["./${name}"])` : `__import("./${name}")`,
  );
  return hidden.includes("__merged[") ? `import{__merged}from"./${MERGED}";${hidden}` : hidden;
}

function showLazyImports(text: string): string {
  return text.replaceAll(/\b__import\("(\.\/[^"]+)"\)/g, 'import("$1")');
}
