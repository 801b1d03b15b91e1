/** Locked collections and items, and the prompts with which the service asks a person. */

import { type DBusValue, NativeFailure } from "../../src/native.ts";
import { PROMPT_UNANSWERED, type Prompted, type SecretServiceClient } from "./client.ts";
import { SERVICE_PATH } from "./provider.ts";
import { collectionOfItem } from "./collection.ts";
import { IS_LOCKED, isNoSuchObject, PROMPT_DISMISSED } from "./failure.ts";

/** Whether the service may ask a person, and can. */
export interface Person {
  /** Whether the service may show its own prompts. */
  readonly mayPrompt: boolean;
  /** Whether there is a graphical session in which a prompt can be seen. */
  readonly hasDisplay: boolean;
}

/** How often to try to unlock a collection whose prompt another process makes superfluous. */
const ATTEMPTS = 5;

/**
 * Unlocks a collection or an item, and returns whether it was locked; throws if nobody unlocks it.
 */
export async function unlock(
  client: SecretServiceClient,
  path: string,
  person: Person,
): Promise<boolean> {
  const isCollection = collectionOfItem(path) === `${SERVICE_PATH}/collection`;
  if (isCollection && !await client.isLocked(path)) return false;
  for (let attempt = 1;; attempt++) {
    try {
      await unlockLocked(client, path, person, isCollection);
      return true;
    } catch (error) {
      // Another process was faster: KWallet removes a collection's prompts once it is unlocked.
      if (!isCollection || !isNoSuchObject(error) || attempt === ATTEMPTS) throw error;
      if (!await client.isLocked(path)) return true;
    }
  }
}

async function unlockLocked(
  client: SecretServiceClient,
  path: string,
  person: Person,
  isCollection: boolean,
): Promise<void> {
  const unlocked = await client.unlock(path);
  if (unlocked.prompt === undefined && unlocked.result === undefined) {
    throw new NativeFailure(IS_LOCKED, "it is locked");
  }
  const ofOpen = isCollection && !person.mayPrompt && await isOpenWallet(client, path);
  await finish(client, unlocked, person, { ofOpen });
}

/** Whether a collection is reported as locked but is not. */
export async function isOpenWallet(
  client: SecretServiceClient,
  collection: string,
): Promise<boolean> {
  return await client.provider.isOpenWallet(await client.label(collection));
}

/**
 * Performs the remaining prompt, if any, and returns its result; throws if nobody answers it.
 *
 * `ofOpen`: the prompt is about something unlocked. KeePassXC has a prompt for each change, which shows
 * nothing. It is performed even if nobody can be asked, for the short time that the client's limits allow.
 */
export async function finish(
  client: SecretServiceClient,
  prompted: Prompted,
  person: Person,
  { ofOpen = false }: { ofOpen?: boolean } = {},
): Promise<DBusValue | undefined> {
  if (prompted.prompt === undefined) return prompted.result;
  if (!person.mayPrompt && !ofOpen) {
    throw new NativeFailure(IS_LOCKED, "it is locked, and nobody can be asked to unlock it");
  }
  const { isDismissed, result } = await client.perform(prompted.prompt);
  if (!isDismissed) return result;
  // With a display, a person refused; without one, gnome-keyring reports the same for a prompt that
  // was never shown.
  throw person.hasDisplay
    ? new NativeFailure(PROMPT_DISMISSED, "its prompt was dismissed")
    : new NativeFailure(IS_LOCKED, "it is locked, and its prompt was dismissed or not shown");
}

/**
 * Creates a collection; `undefined` if nobody can be asked for its password, or the person refuses.
 */
export async function createCollection(
  client: SecretServiceClient,
  name: string,
  person: Person,
): Promise<string | undefined> {
  if (await client.provider.hasWizard()) return undefined;
  try {
    const path = await finish(client, await client.createCollection(name), person);
    return typeof path === "string" && path !== "/" ? path : undefined;
  } catch (error) {
    if (error instanceof NativeFailure && CANNOT_CREATE.has(error.symbol)) return undefined;
    throw error;
  }
}

/** Nobody was asked, a person refused, or the service does not create collections. */
const CANNOT_CREATE: ReadonlySet<string> = new Set([
  IS_LOCKED,
  PROMPT_DISMISSED,
  PROMPT_UNANSWERED,
  "org.freedesktop.DBus.Error.NotSupported",
]);
