/** The runtime base of a binary: given or downloaded, verified, with our start code added. */

import { type Compare, obtainBase, sha256 } from "./pinned_deno.ts";
import { checkBase, describeBase } from "./runtime_base.ts";
import type { StagedSource } from "./staged_source.ts";
import { withStartCode } from "./start_code.ts";

/** The base that `DENORT_BIN` names, verified; `undefined`: Deno's own. Throws an `Error` for a wrong one. */
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

/** The path of a verified base, in a folder that nobody else can write to. */
export async function provideBase(
  compare: Compare,
  given: Uint8Array<ArrayBuffer> | undefined,
  { folder, sharedDenoDir }: StagedSource,
  version: string,
  target: string,
): Promise<string> {
  const base = given ?? await obtainBase(compare, version, target, sharedDenoDir);
  const path = `${folder}/../denort`;
  await Deno.writeFile(path, withStartCode(base), { mode: 0o755 });
  return path;
}
