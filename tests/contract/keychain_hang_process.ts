/** A process that reads from a keychain whose dialog nobody answers, for `keychain_errors_test.ts`. */

import { VaultError } from "../../src/errors.ts";
import { macHost, openOn, type StandInPlace } from "./keychain_stand_in.ts";

async function main(): Promise<number> {
  const place: StandInPlace = JSON.parse(Deno.args[0]!);
  // Long enough for the dialog to be there.
  const limits = { callMs: 3_000, promptMs: 3_000 };
  try {
    await openOn(macHost(place, "library"), place, { limits }).get("work");
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    const { code, message, hints, exitCode } = error;
    console.log(JSON.stringify({ code, message, hints }));
    return exitCode;
  }
  return 0;
}

Deno.exit(await main());
