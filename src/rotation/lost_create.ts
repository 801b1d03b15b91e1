/**
 * Finds the result of a CreateAccessKey whose answer was lost, or that a dying process left behind.
 *
 * A blind retry leaves a key that nobody knows; a blind deletion may remove another administrator's
 * key. AWS's own list decides: exactly one new ID, created during a call and never used, is ours.
 */

import type { AccessKeyInfo } from "../aws/iam.ts";

/** A CreateAccessKey that was sent, by AWS's clock. */
export interface CreateCall {
  readonly sent: Temporal.Instant;
  /** When it was certain that no answer would come; absent if the process died before. */
  readonly ended?: Temporal.Instant | undefined;
}

/** What the list of keys shows about the lost calls. */
export type LostCreate =
  /** Nothing was created: the step may be repeated. */
  | { readonly kind: "nothing" }
  /** A lost call created this key; its secret is lost, so it is deleted and the step repeated. */
  | { readonly kind: "ours"; readonly accessKeyId: string }
  /** These keys may be somebody else's. */
  | { readonly kind: "unclear"; readonly keys: readonly AccessKeyInfo[] };

/** AWS's times are whole seconds, and two of its machines may differ by a few. */
const TOLERANCE_SECONDS = 5;

/** A call whose end nobody saw is over by then: the timeout of one try, and a margin. */
const CALL_SECONDS = 15;

/** Judges the list; `wasUsed` is called only for the one key that could be ours. */
export async function judgeLostCreate(
  calls: readonly CreateCall[],
  knownKeyIds: readonly string[],
  listed: readonly AccessKeyInfo[],
  wasUsed: (accessKeyId: string) => Promise<boolean>,
): Promise<LostCreate> {
  const added = listed.filter((key) => !knownKeyIds.includes(key.accessKeyId));
  const [only, ...others] = added;
  if (only === undefined) return { kind: "nothing" };
  const isCandidate = others.length === 0 && calls.some((call) => wasMadeDuring(call, only));
  if (isCandidate && !await wasUsed(only.accessKeyId)) {
    return { kind: "ours", accessKeyId: only.accessKeyId };
  }
  return { kind: "unclear", keys: added };
}

function wasMadeDuring(call: CreateCall, key: AccessKeyInfo): boolean {
  if (key.created === undefined) return false;
  const ended = call.ended ?? call.sent.add({ seconds: CALL_SECONDS });
  const from = call.sent.subtract({ seconds: TOLERANCE_SECONDS });
  const to = ended.add({ seconds: TOLERANCE_SECONDS });
  return Temporal.Instant.compare(key.created, from) >= 0 &&
    Temporal.Instant.compare(key.created, to) <= 0;
}
