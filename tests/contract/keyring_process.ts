/**
 * A process of its own that stores items in a keyring, for `keyring_contract.ts`.
 *
 * Arguments: the module with `openKeyring`, its configuration and the job, both as JSON. It says
 * `ready` once the keyring is open, and begins when its standard input ends.
 */

import type { OpenerModule, WriteJob } from "./keyring_contract.ts";
import { killAtStep } from "./kill_at_step.ts";
import { waitForTheOthers } from "./processes.ts";

async function main(): Promise<void> {
  const [opener, config, jobText] = Deno.args as [string, string, string];
  const { openKeyring } = await import(opener) as OpenerModule;
  const job: WriteJob = JSON.parse(jobText);
  const keyring = await openKeyring(JSON.parse(config));
  await waitForTheOthers();
  if (job.dieAtStep !== undefined) killAtStep(job.dieAtStep);
  for (const [key, text] of job.items) {
    await keyring.set(key, { data: new TextEncoder().encode(text), label: `aws-vault (${key})` });
  }
  await keyring.close();
}

await main();
