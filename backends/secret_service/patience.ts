import type { DBusConnection, DBusValue } from "../../src/native.ts";
import { SERVICE_NAME, SERVICE_PATH } from "./provider.ts";

/** How often to check a service that waits for a person. */
const WATCH_MS = 1_000;

/**
 * An answer that may need a person, however long it takes, as long as the service answers other calls,
 * each within `callMs`. Throws the failure of a call that the service does not answer.
 */
export async function waitForAnswer(
  connection: DBusConnection,
  answer: Promise<readonly DBusValue[]>,
  callMs: number,
): Promise<readonly DBusValue[]> {
  let isAnswered = false;
  const settled = answer.finally(() => isAnswered = true);
  const watch = async () => {
    // Calls are answered in order, so nothing more follows unless the service waits for a person.
    await ping(connection, callMs);
    const changes = isAnswered ? undefined : connection.listen(ENDS);
    try {
      while (!isAnswered) {
        await changes?.next({ timeoutMs: Math.min(callMs, WATCH_MS) });
        if (!isAnswered) await ping(connection, callMs);
      }
    } finally {
      changes?.close();
    }
  };
  return await Promise.race([settled, watch().then(() => settled)]);
}

/** The signal that ends a pause when a program ends. */
const ENDS = {
  sender: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
  member: "NameOwnerChanged",
} as const;

async function ping(connection: DBusConnection, timeoutMs: number): Promise<void> {
  await connection.call({
    destination: SERVICE_NAME,
    path: SERVICE_PATH,
    interface: "org.freedesktop.DBus.Peer",
    method: "Ping",
    timeoutMs,
  });
}
