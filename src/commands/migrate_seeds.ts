/** Moves seeds of MFA devices from one keystore to another. */

import { isEnrolling, seedSerial } from "../credentials/key_names.ts";
import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { isSameData, storeVerified } from "../migration/store_verified.ts";
import { commandLine, quote } from "../text.ts";
import type { Invocation } from "./context.ts";
import { withKeyLock } from "./key_lock.ts";
import type { KeyTally } from "./key_tally.ts";

/** The source and target keyrings of seeds. */
export interface SeedStores {
  readonly from: Keyring;
  readonly to: Keyring;
}

/** The names of items with the seed of an MFA device, including unfinished enrolments. */
export function seedNames(names: readonly string[]): string[] {
  return names.filter((name) => seedSerial(name) !== undefined).sort();
}

/** Describes the seed in a sentence, by the name of its item. */
export function describeSeed(name: string): string {
  const device = `MFA device ${quote(seedSerial(name) ?? name)}`;
  return isEnrolling(name)
    ? `the seed of ${device}, whose enrollment is not finished`
    : `the seed of ${device}`;
}

/** Moves seeds independently: one that cannot be moved is counted, and the others continue. */
export async function moveSeeds(
  invocation: Invocation,
  stores: SeedStores,
  names: readonly string[],
  options: { readonly tally: KeyTally; readonly deleteSource: boolean },
): Promise<void> {
  const { from, to } = stores;
  for (const name of names) {
    const work = async () => {
      const move = () => moveSeed(stores, name, options.deleteSource);
      const how = await withKeyLock(invocation, [from, to], name, move);
      const done = how === "copied"
        ? `Copied ${describeSeed(name)} to ${to.backend}`
        : `Found ${describeSeed(name)} in ${to.backend} already`;
      const removed = options.deleteSource ? `, and removed it from ${from.backend}` : "";
      invocation.host.talk.say(done + removed);
      const outcome = how === "copied" ? how : "already there";
      return options.deleteSource ? [outcome, `removed from ${from.backend}`] : [outcome];
    };
    await options.tally.count(name, "move", work, describeSeed(name));
  }
}

/**
 * Copies a seed, reads it back, and only then removes it from the source. Throws `conflict` if the target has
 * another seed for the device: neither is replaced.
 */
async function moveSeed(
  { from, to }: SeedStores,
  name: string,
  deleteSource: boolean,
): Promise<"copied" | "already-there"> {
  const data = await from.get(name);
  if (data === undefined) return "already-there";
  const there = await to.get(name);
  if (there !== undefined && !isSameData(there, data)) {
    throw new VaultError("conflict", `${to.backend} has another one`, {
      hints: [
        `Remove the one that is not needed: ${
          commandLine(["mfa", "forget", "--backend=NAME", "PROFILE"])
        }`,
      ],
    });
  }
  if (there === undefined) await storeVerified(to, name, data);
  if (deleteSource) await from.remove(name);
  return there === undefined ? "copied" : "already-there";
}
