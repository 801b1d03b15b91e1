/**
 * The program, that kills itself before its n-th effect: `CRASH_AT=n faulty_main.ts ARGUMENTS…`, or at
 * the n-th step inside of effects on files (`CRASH_STEP=n`), with the plain keyrings of the crash tests.
 */

import { run } from "../../src/cli/run.ts";
import { systemHost } from "../../src/system/host.ts";
import { killAtStep } from "../contract/kill_at_step.ts";
import { Effects, faultyHost } from "./faulty_host.ts";
import { plainBackends } from "./plain_keyring.ts";

if (import.meta.main) {
  const effects = new Effects(Number(Deno.env.get("CRASH_AT") ?? Infinity), "kill");
  killAtStep(Number(Deno.env.get("CRASH_STEP") ?? Infinity));
  Deno.exit(await run(Deno.args, faultyHost(systemHost(), effects), plainBackends()));
}
