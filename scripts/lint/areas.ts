/**
 * Which area of the project a file belongs to. Tests and scripts belong to none: they are exempt.
 */

const ROOT = decodeURIComponent(new URL("../..", import.meta.url).pathname);

/** The path of a linted file from the root of the project, with `/`. */
export function projectPath(filename: string): string {
  const path = filename.replaceAll("\\", "/");
  const root = ROOT.replace(/^\/(?=[A-Za-z]:)/, "");
  return path.startsWith(root) ? path.slice(root.length) : path.replace(/^\.\//, "");
}

/** The area of a path, a key of `LAYERS` (layers.ts), or `undefined` for tests, scripts and foreign files. */
export function areaOf(path: string): string | undefined {
  if (path.endsWith("_test.ts")) return undefined;
  if (path === "main.ts") return path;
  if (/^src\/[^/]+\.ts$/.test(path)) return "vocabulary";
  const folder = /^(src\/[^/]+|backends)\//.exec(path)?.[1];
  return folder;
}

/** Resolves a relative specifier to a path from the root of the project. */
export function resolvePath(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}
