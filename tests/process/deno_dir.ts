/** The cache of compiled sources, so that a throw-away home does not mean to fetch them again. */
export function denoDir(): Record<string, string> {
  const set = Deno.env.get("DENO_DIR");
  const home = Deno.env.get("HOME") ?? "";
  const standard = Deno.build.os === "darwin" ? "Library/Caches/deno" : ".cache/deno";
  return { DENO_DIR: set ?? `${home}/${standard}` };
}
