/** The modules that are not ours. */

/**
 * Where modules that are not ours can be imported, and whether only with `await import()`; the
 * first match counts.
 */
const PACKAGES: readonly { name: string; areas: readonly string[]; lazy: boolean }[] = [
  { name: "@stricli/core", areas: ["main.ts", "src/cli", "src/commands"], lazy: false },
  { name: "aws4fetch", areas: ["src/aws"], lazy: false },
  { name: "fast-xml-parser", areas: ["src/aws"], lazy: true },
  { name: "jose", areas: ["src/sso"], lazy: true },
  { name: "node-forge", areas: ["src/credentials"], lazy: true },
  { name: "uqr", areas: ["src/prompt"], lazy: true },
  { name: "node:sqlite", areas: ["src/system"], lazy: true },
  { name: "node:http", areas: ["src/system"], lazy: true },
  { name: "node:https", areas: ["src/system"], lazy: true },
  { name: "node:", areas: ["src/system"], lazy: false },
];

/** The row for the module that a specifier names, or `undefined` if it is not in the table. */
export function packageOf(specifier: string) {
  return PACKAGES.find(({ name }) =>
    specifier === name || specifier.startsWith(name.endsWith(":") ? name : `${name}/`)
  );
}
