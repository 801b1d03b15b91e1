/** Where a rotation can be stopped. */

/** The calls of a rotation in their order, by how many of the same action go before. */
export const CALLS = [
  ["GetCallerIdentity", 0],
  ["ListAccessKeys", 0],
  ["CreateAccessKey", 0],
  ["GetCallerIdentity", 1],
  ["UpdateAccessKey", 0],
  ["GetCallerIdentity", 2],
  ["DeleteAccessKey", 0],
] as const;

/** Calls that change something: for the others it makes no difference whether they took effect. */
export const CHANGES: readonly string[] = ["CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"];
