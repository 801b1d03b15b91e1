/**
 * Collections and items that are locked, and the prompts of the service that ask a person.
 */

import { type DBusValue, NativeFailure } from "../../src/native.ts";
import { PROMPT_UNANSWERED, type Prompted, type SecretServiceClient } from "./client.ts";
import { SERVICE_PATH } from "./provider.ts";
import { collectionOfItem } from "./collection.ts";
import { IS_LOCKED, isNoSuchObject, PROMPT_DISMISSED } from "./failure.ts";

/** Whom the service may ask. */
export interface Person {
  /** Whether the service may show prompts of its own. */
  readonly mayPrompt: boolean;
  /** Whether there is a graphical session in which a prompt can be seen. */
  readonly hasDisplay: boolean;
}

/** How often a collection is unlocked whose prompt another process makes superfluous. */
const ATTEMPTS = 5;

/** Unlocks a collection or an item, and says whether it was locked; throws where nobody does it. */
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
      // Another process was faster: KWallet takes the prompts of a collection away when it is unlocked.
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

/** Whether a collection is called locked, and is not. */
export async function isOpenWallet(
  client: SecretServiceClient,
  collection: string,
): Promise<boolean> {
  return await client.provider.isOpenWallet(await client.label(collection));
}

/**
 * Performs the prompt that is left to do, if any, and gives its result; throws where nobody answers it.
 *
 * `ofOpen`: of something that is unlocked. KeePassXC has a prompt for each change, which shows nothing; it is
 * performed also where nobody can be asked, for the short time that the client's limits then give it.
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
  // With a display a person refused; without one gnome-keyring reports the same of a prompt never
  // shown.
  throw person.hasDisplay
    ? new NativeFailure(PROMPT_DISMISSED, "its prompt was dismissed")
    : new NativeFailure(IS_LOCKED, "it is locked, and its prompt was dismissed or not shown");
}

/**
 * Makes a collection; `undefined` where nobody can be asked for its password, or the person does not
 * want it.
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

/** Nobody was asked, somebody said no, or the service creates no collections at all. */
const CANNOT_CREATE: ReadonlySet<string> = new Set([
  IS_LOCKED,
  PROMPT_DISMISSED,
  PROMPT_UNANSWERED,
  "org.freedesktop.DBus.Error.NotSupported",
]);
