/**
 * The program, that kills itself before its n-th effect: `CRASH_AT=n faulty_main.ts ARGUMENTS…`, with
 * the plain keyrings of the crash tests.
 */

import { run } from "../../src/cli/run.ts";
import { systemHost } from "../../src/system/host.ts";
import { Effects, faultyHost } from "./faulty_host.ts";
import { plainBackends } from "./world.ts";

if (import.meta.main) {
  const effects = new Effects(Number(Deno.env.get("CRASH_AT")), "kill");
  Deno.exit(await run(Deno.args, faultyHost(systemHost(), effects), plainBackends()));
}
