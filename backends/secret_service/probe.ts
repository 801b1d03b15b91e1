/** Whether the Secret Service can be used here, and is the best way to use its provider. */

import { hasCode } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import { type DBusConnection, NativeFailure } from "../../src/native.ts";
import { asClause } from "../../src/text.ts";
import { connectSessionBus, describe, isNameAvailable, type ProbeLimits } from "../session_bus.ts";
import { Provider, SERVICE_NAME } from "./provider.ts";

const PROBE_LIMITS: ProbeLimits = { connectMs: 1_000, callMs: 400 };

/**
 * Why the Secret Service cannot be used here, or `undefined` if it can.
 *
 * Fast (less than 2 s) and silent: it starts no program and shows no prompt.
 */
export async function probeSecretService(
  host: Pick<Host, "native" | "env">,
  { connectMs, callMs } = PROBE_LIMITS,
): Promise<string | undefined> {
  let connection: DBusConnection | undefined;
  try {
    connection = await connectSessionBus(host, connectMs);
    if (await isNameAvailable(connection, SERVICE_NAME, callMs)) return undefined;
    return "No program on the session bus provides the Secret Service";
  } catch (error) {
    if (hasCode(error, "keyring-unavailable")) return error.message;
    if (error instanceof NativeFailure) {
      return `The session bus fails: ${asClause(describe(error))}`;
    }
    throw error;
  } finally {
    connection?.close();
  }
}

/**
 * Why KWallet's own interface is the better choice, or `undefined` if it is not.
 *
 * KWallet 6 is also a Secret Service, in which items are entries of a wallet `awsvault` that no other
 * program reads. Its own interface needs no encrypted session, and KWallet's sessions are sometimes
 * broken (`session.ts`).
 */
export async function whyYieldToKWallet(
  host: Pick<Host, "native" | "env">,
  { connectMs, callMs } = PROBE_LIMITS,
): Promise<string | undefined> {
  let connection: DBusConnection | undefined;
  try {
    connection = await connectSessionBus(host, connectMs);
    const isKWallet = await new Provider(connection, callMs).isKWallet();
    return isKWallet ? "KWallet provides it here, and has its own back end" : undefined;
  } catch (error) {
    if (error instanceof NativeFailure || hasCode(error, "keyring-unavailable")) return undefined;
    throw error;
  } finally {
    connection?.close();
  }
}
