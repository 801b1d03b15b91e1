/**
 * The program, that kills itself before its n-th effect: `CRASH_AT=n faulty_main.ts ARGUMENTS…`, or at
 * the n-th where also those inside effects on files are counted (`CRASH_STEP=n`), with the plain
 * keyrings of the crash tests.
 */

import { run } from "../../src/cli/run.ts";
import { systemHost } from "../../src/system/host.ts";
import { killAtStep } from "../contract/kill_at_step.ts";
import { Effects, faultyHost, Steps } from "./faulty_host.ts";
import { plainBackends } from "./plain_keyring.ts";

if (import.meta.main) {
  const step = Deno.env.get("CRASH_STEP");
  const effects = step === undefined
    ? new Effects(Number(Deno.env.get("CRASH_AT")), "kill")
    : new Steps(killAtStep(Number(step)));
  Deno.exit(await run(Deno.args, faultyHost(systemHost(), effects), plainBackends()));
}
