/** Opens the encrypted session that carries the secrets of a connection. */

import type { Host } from "../../src/host.ts";
import { type DBusValue, NativeFailure } from "../../src/native.ts";
import { SERVICE_PATH } from "./provider.ts";
import {
  beginKeyExchange,
  finishKeyExchange,
  openSessionParameters,
  SecretServiceSession,
} from "./session.ts";

/** Calls a method of the Secret Service API; returns the values of its answer. */
export type ServiceCall = (
  path: string,
  interfaceName: string,
  method: string,
  parameterType: string,
  parameters: readonly DBusValue[],
) => Promise<readonly DBusValue[]>;

/** Agrees on a key with the service; throws `NativeFailure` if they cannot. */
export async function openSession(
  call: ServiceCall,
  random: Host["random"],
): Promise<SecretServiceSession> {
  // One in 256 sessions has to be opened again; a service where all have to be is broken.
  for (let attempt = 0; attempt < 10; attempt++) {
    const session = await tryToOpenSession(call, random);
    if (session !== undefined) return session;
  }
  throw new NativeFailure("protocol", "No session with the service can be agreed on");
}

/** `undefined` if the two ends could decode the shared number differently. */
async function tryToOpenSession(
  call: ServiceCall,
  random: Host["random"],
): Promise<SecretServiceSession | undefined> {
  const exchange = beginKeyExchange(random);
  const [publicKey, path] = await call(
    SERVICE_PATH,
    "Service",
    "OpenSession",
    "(sv)",
    openSessionParameters(exchange),
  );
  if (!(publicKey instanceof Uint8Array) || typeof path !== "string") {
    throw new NativeFailure("protocol", "The service's answer to OpenSession is not valid");
  }
  const key = await finishKeyExchange(exchange, publicKey);
  if (key !== undefined) return new SecretServiceSession(path, key, random);
  // No longer needed. A service that cannot close it closes it with the connection.
  await call(path, "Session", "Close", "()", []).catch(() => {});
  return undefined;
}
