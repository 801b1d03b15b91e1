/** The access keys of the user whose key is rotated, through IAM, with as few rights as possible. */

import {
  type AccessKeyInfo,
  type AccessKeyLastUse,
  createAccessKey,
  type CreatedAccessKey,
  deleteAccessKey,
  getAccessKeyLastUsed,
  listAccessKeys,
  updateAccessKey,
} from "../aws/iam.ts";
import type { AwsCaller } from "../aws/query.ts";
import type { AwsDeps } from "../aws/send.ts";
import type { Credentials } from "../credentials.ts";
import { AwsError } from "../errors.ts";

/** The IAM calls for one user. */
export interface UserKeys {
  /** The keys, or `undefined` if the right to list them is denied. */
  list(): Promise<AccessKeyInfo[] | undefined>;
  /** When a key was last used, or `undefined` if the right to read it is denied. */
  lastUse(accessKeyId: string): Promise<AccessKeyLastUse | undefined>;
  create(): Promise<CreatedAccessKey>;
  /** False if the right is denied; a deleted key counts as done. */
  deactivate(accessKeyId: string): Promise<boolean>;
  /** Returns whether the key existed; a deleted key counts as done. */
  delete(accessKeyId: string): Promise<boolean>;
}

/** Calls IAM about one user's keys; `sign` gives the credentials of each call. */
export function userKeys(
  deps: AwsDeps,
  caller: Omit<AwsCaller, "credentials">,
  userName: string | undefined,
  sign: <T>(call: (credentials: Credentials) => Promise<T>) => Promise<T>,
): UserKeys {
  const signed = <T>(call: (signedCaller: AwsCaller) => Promise<T>) =>
    sign((credentials) => call({ ...caller, credentials }));
  return {
    list: () => unlessDenied(signed((by) => listAccessKeys(deps, by, userName))),
    lastUse: (id) => unlessDenied(signed((by) => getAccessKeyLastUsed(deps, by, id))),
    create: () => signed((by) => createAccessKey(deps, by, userName)),
    async deactivate(accessKeyId) {
      const request = { accessKeyId, status: "Inactive", userName } as const;
      const done = signed((by) => updateAccessKey(deps, by, request)).then(() => true);
      return await unlessDenied(unlessGone(done, accessKeyId, true)) ?? false;
    },
    async delete(accessKeyId) {
      const request = { accessKeyId, userName };
      const done = signed((by) => deleteAccessKey(deps, by, request)).then(() => true);
      return await unlessGone(done, accessKeyId, false);
    },
  };
}

/** A missing right skips a step; any other refusal stops the rotation. */
async function unlessDenied<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isRefusal(error, "AccessDenied", "AccessDeniedException")) return undefined;
    throw error;
  }
}

/**
 * The requested state is already reached: an earlier call took effect and its answer was lost.
 *
 * AWS also reports NoSuchEntity for a user, for example if the role now belongs to another account; then
 * nothing is known about the key.
 */
async function unlessGone<T>(call: Promise<T>, accessKeyId: string, gone: T): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const isGone = isRefusal(error, "NoSuchEntity", "NoSuchEntityException") &&
      error.awsMessage.includes(accessKeyId);
    if (isGone) return gone;
    throw error;
  }
}

/** Whether AWS refused with one of the codes. */
export function isRefusal(error: unknown, ...codes: readonly string[]): error is AwsError {
  return error instanceof AwsError && codes.includes(error.awsCode);
}
