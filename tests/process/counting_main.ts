/** The program, saying on its last line of standard error which items it read from keyrings. */

import { BACKENDS } from "../../backends/mod.ts";
import type { Backend } from "../../src/backend.ts";
import { run } from "../../src/cli/run.ts";
import { systemHost } from "../../src/system/host.ts";

const reads: string[] = [];

/** Counts on the object itself: the keyring's own methods must not notice. */
function counting(backend: Backend): Backend {
  return {
    ...backend,
    async open(host, options) {
      const keyring = await backend.open(host, options);
      const get = keyring.get.bind(keyring);
      keyring.get = (key) => (reads.push(key), get(key));
      return keyring;
    },
  };
}

if (import.meta.main) {
  const code = await run(Deno.args, systemHost(), BACKENDS.map(counting));
  await Deno.stderr.write(new TextEncoder().encode(`reads: ${JSON.stringify(reads)}\n`));
  Deno.exit(code);
}
