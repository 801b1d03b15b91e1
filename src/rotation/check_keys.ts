import type { AccessKeyInfo } from "../aws/iam.ts";
import type { RotateDeps } from "./rotate_deps.ts";
import { describeKeys, tooManyKeys } from "./rotate_errors.ts";

/** What is known before a key is created. */
export interface CheckedKeys {
  /** All existing IDs; absent if ListAccessKeys is denied. */
  readonly knownKeyIds: readonly string[] | undefined;
  /** Keys that leave no room for another, and may be deleted. */
  readonly inTheWay: readonly AccessKeyInfo[];
  /** When the stored key was created, if AWS shows it. */
  readonly created: Temporal.Instant | undefined;
}

/**
 * Checks the existing keys before anything is created: a second key leaves no room for the new one.
 *
 * Throws `needs-person` with both keys, their age and last use, if the other must not be deleted.
 */
export async function checkKeys(deps: RotateDeps, storedId: string): Promise<CheckedKeys> {
  const keys = await deps.keys.list();
  if (keys === undefined) {
    deps.talk.note("ListAccessKeys is denied: whether there is a second key is not checked");
    return { knownKeyIds: undefined, inTheWay: [], created: undefined };
  }
  const others = keys.filter((key) => key.accessKeyId !== storedId);
  if (others.length > 0) {
    const described = await describeKeys(deps, keys, storedId);
    for (const other of others) {
      const leave = await deps.mayDelete(other, described);
      if (leave !== "given") throw tooManyKeys(described, keys, storedId, leave);
    }
  }
  return {
    knownKeyIds: [storedId, ...others.map((key) => key.accessKeyId)],
    inTheWay: others,
    created: keys.find((key) => key.accessKeyId === storedId)?.created,
  };
}
