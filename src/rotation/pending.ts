/**
 * The record of an unfinished rotation, in the keyring: written before each step, so that the next
 * command after a crash knows every key that exists or may exist (docs/formats.md, "Pending
 * rotation").
 *
 * It contains the new key's secret, and is therefore an item like a key and not a row of the cache;
 * its name survives the `clear` of aws-vault 7.
 */

import { pendingName } from "../credentials/key_names.ts";
import { canBePassedOn, type LongTermKey } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { Secret } from "../secret.ts";
import type { Talk } from "../talk.ts";
import { quote } from "../text.ts";
import type { CreateCall } from "./lost_create.ts";

/**
 * The progress of a rotation; the phase names what may have been started.
 *
 * `prepared`: nothing was created. `creating`: CreateAccessKey may have taken effect. `created`: the
 * new key is in this record. `current`: it is stored as the profile's key. `retiring`: the old key may
 * be inactive or deleted.
 */
export type RotationPhase = "prepared" | "creating" | "created" | "current" | "retiring";

/** One rotation of one profile's key. */
export interface PendingRotation {
  readonly profile: string;
  /** The named profile: its role or MFA device has rights that the key may lack. */
  readonly through: string;
  readonly phase: RotationPhase;
  readonly oldKeyId: string;
  /** The user's ARN; the new key must belong to the same user. */
  readonly userArn: string;
  /** Sent in calls that a role signs; absent: the caller is the user. */
  readonly userName?: string | undefined;
  /** The IDs that existed before CreateAccessKey; absent if ListAccessKeys is denied. */
  readonly knownKeyIds?: readonly string[] | undefined;
  /** Every CreateAccessKey that may have taken effect without an answer. */
  readonly createCalls: readonly CreateCall[];
  readonly newKey?: LongTermKey | undefined;
  /** When AWS created the new key, by its clock. */
  readonly newKeyCreated?: Temporal.Instant | undefined;
  readonly keepOld: boolean;
}

/** The pending rotation of a profile, or `undefined`; throws `damaged-item`. */
export async function readPending(
  keyring: Keyring,
  profile: string,
): Promise<PendingRotation | undefined> {
  const data = await keyring.get(pendingName(profile));
  return data === undefined ? undefined : decodePending(data, profile);
}

/** Records a rotation; none of its steps may start before this has returned. */
export async function writePending(keyring: Keyring, pending: PendingRotation): Promise<void> {
  await keyring.set(pendingName(pending.profile), {
    data: encodePending(pending),
    label: `aws-vault rotation of ${pending.profile}`,
  });
}

/** Records the progress of a rotation, before its next step starts. */
export async function record(
  deps: { readonly keyring: Keyring; readonly talk: Talk },
  pending: PendingRotation,
): Promise<PendingRotation> {
  await writePending(deps.keyring, pending);
  deps.talk.debug(() => `Rotation of ${quote(pending.profile)}: ${pending.phase}`);
  return pending;
}

/** Removes the record of a rotation that is complete. */
export async function removePending(keyring: Keyring, profile: string): Promise<void> {
  await keyring.remove(pendingName(profile));
}

/**
 * The record's bytes. A Windows credential holds 2,560 of them, so the record omits the profile, which the
 * item's name contains, and `through` if it is the same.
 */
function encodePending(pending: PendingRotation): Uint8Array<ArrayBuffer> {
  const { profile, through, newKey, ...plain } = pending;
  const fields = {
    version: 1,
    ...(through !== profile && { through }),
    // Instants are written as ISO 8601 texts.
    ...plain,
    newKey: newKey &&
      { accessKeyId: newKey.accessKeyId, secretAccessKey: newKey.secretAccessKey.reveal() },
  };
  return new TextEncoder().encode(JSON.stringify(fields));
}

function decodePending(data: Uint8Array, profile: string): PendingRotation {
  try {
    const { version, createCalls, newKey, newKeyCreated, ...plain } = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(data),
    );
    if (version !== 1) throw new Error("another kind of record");
    return {
      profile,
      through: profile,
      ...plain,
      createCalls: createCalls.map(decodeCall),
      ...(newKeyCreated && { newKeyCreated: Temporal.Instant.from(newKeyCreated) }),
      ...(newKey && {
        newKey: {
          accessKeyId: requirePart(newKey.accessKeyId),
          secretAccessKey: new Secret(requirePart(newKey.secretAccessKey)),
        },
      }),
    };
  } catch {
    // The cause is omitted: the message of JSON.parse quotes the text, which holds a secret.
    throw new VaultError(
      "damaged-item",
      `Cannot read the pending rotation of profile ${quote(profile)}: it is damaged`,
      {
        hints: [
          "It was left in place; look for a second access key of the user in the IAM console",
        ],
      },
    );
  }
}

function requirePart(value: unknown): string {
  if (typeof value === "string" && canBePassedOn(value)) return value;
  throw new Error("not a part of a key");
}

function decodeCall({ sent, ended }: { sent: string; ended?: string }): CreateCall {
  return {
    sent: Temporal.Instant.from(sent),
    ...(ended && { ended: Temporal.Instant.from(ended) }),
  };
}
