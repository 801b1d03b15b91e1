/** The runtime base of a binary: the one that is given or downloaded, compared, with our start code in it. */

import { basePath, type Compare, keepBase, obtainBase, sha256 } from "./pinned_deno.ts";
import { checkBase, describeBase } from "./runtime_base.ts";
import type { StagedSource } from "./staged_source.ts";
import { withStartCode } from "./start_code.ts";
import { unzipOnly } from "./unzip.ts";

/** The base that `DENORT_BIN` names, compared; `undefined`: Deno gets its own. Throws an `Error` for a wrong one. */
export async function readGivenBase(
  compare: Compare,
  target: string,
  version: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const path = Deno.env.get("DENORT_BIN");
  if (path === undefined) return undefined;
  const bytes = await Deno.readFile(path).catch((error) => {
    throw new Error(`Cannot read the runtime base that DENORT_BIN names: ${error.message}`);
  });
  checkBase(describeBase(bytes), target, version);
  await compare({
    name: `denort-${version}-${target}`,
    sha256: await sha256(bytes),
    givenBy: "DENORT_BIN",
  });
  return bytes;
}

/**
 * Puts a base that was compared into the folder that nobody else writes, and gives the variables by which
 * `deno compile` finds it there.
 */
export async function provideBase(
  compare: Compare,
  given: Uint8Array<ArrayBuffer> | undefined,
  { folder, denoDir, sharedDenoDir }: StagedSource,
  version: string,
  target: string,
): Promise<Readonly<Record<string, string>>> {
  const archive = given ? undefined : await obtainBase(compare, version, target, sharedDenoDir);
  if (archive !== undefined && !target.includes("linux")) {
    await keepBase(archive, basePath(denoDir, version, target));
    return {};
  }
  const base = given ?? await unzipOnly(archive!);
  const path = `${folder}/runtime-base`;
  await Deno.writeFile(path, withStartCode(base), { mode: 0o755 });
  return { DENORT_BIN: path };
}
