/**
 * Makes V8 accept a code cache under the flags of this run, although it was recorded under others.
 *
 * `deno run -A --v8-flags=… scripts/accept_code_cache.ts SCRIPT CACHE`, with the Deno that compiles. A cache
 * begins with six 32-bit words: a magic number, then what must be equal where it is used: the release of V8,
 * the length of the script, the flags, the read-only heap and the length of the rest (`SerializedCodeData` in
 * V8's `src/snapshot/code-serializer.h`). The caller, `make_program.ts`, decides which flags may differ.
 */

import { Script } from "node:vm";

const FLAGS_AT = 12;
const FLAGS_BYTES = 4;

/** The flags of this run, as V8 writes them into a cache. */
function ownFlags(): Uint8Array {
  const cache: Uint8Array = new Script("0").createCachedData();
  return cache.slice(FLAGS_AT, FLAGS_AT + FLAGS_BYTES);
}

if (import.meta.main) {
  const [script = "", path = ""] = Deno.args;
  const cachedData = Deno.readFileSync(path);
  cachedData.set(ownFlags(), FLAGS_AT);
  const { cachedDataRejected } = new Script(Deno.readTextFileSync(script), { cachedData });
  if (cachedDataRejected !== false) {
    console.error("V8 refuses the code cache, although all but its flags is of this release");
    Deno.exit(1);
  }
  Deno.writeFileSync(path, cachedData);
}
