/**
 * The session bus, as the back ends of Linux desktops reach it.
 */

import { type ErrorCode, VaultError } from "../src/errors.ts";
import type { Host } from "../src/host.ts";
import { type DBusConnection, NativeFailure } from "../src/native.ts";
import { asClause } from "../src/text.ts";

/** How long a probe waits for the bus, and for each answer. */
export interface ProbeLimits {
  readonly connectMs: number;
  readonly callMs: number;
}

/** How long to wait for the bus itself, which answers at once or not at all. */
const CONNECT_TIMEOUT_MS = 1_500;

/**
 * The address of the session bus, or `undefined` if nothing names it.
 *
 * `DBUS_SESSION_BUS_ADDRESS`, else the socket of the user's service manager. GIO would then start a
 * bus (`dbus-launch`), on which nobody would find the keys again.
 */
export function sessionBusAddress(env: Host["env"]): string | undefined {
  const address = env.get("DBUS_SESSION_BUS_ADDRESS");
  if (address !== undefined && address !== "") return address;
  const folder = env.get("XDG_RUNTIME_DIR");
  if (folder === undefined || folder === "") return undefined;
  return `unix:path=${escapeAddressValue(`${folder}/bus`)}`;
}

/**
 * Characters that an address must not contain become %xx per byte (D-Bus specification, Server
 * Addresses).
 */
function escapeAddressValue(value: string): string {
  return [...new TextEncoder().encode(value)].map((byte) => {
    const character = String.fromCharCode(byte);
    if (/[-0-9A-Za-z_/.\\*]/.test(character)) return character;
    return `%${byte.toString(16).padStart(2, "0")}`;
  }).join("");
}

/** Connects to the session bus. Throws `keyring-unavailable` within 2 s if there is no bus. */
export async function connectSessionBus(
  host: Pick<Host, "env" | "native">,
  timeoutMs: number = CONNECT_TIMEOUT_MS,
): Promise<DBusConnection> {
  const library = await host.native.dbus();
  if (library === undefined) {
    throw unavailable("The library libgio-2.0.so.0 is not on this machine", [
      "Install GLib (Debian: libglib2.0-0), or choose another keystore with --backend",
    ]);
  }
  const address = sessionBusAddress(host.env);
  if (address === undefined) {
    throw unavailable("There is no D-Bus session bus: DBUS_SESSION_BUS_ADDRESS is not set");
  }
  try {
    return await library.connect(address, { timeoutMs });
  } catch (cause) {
    if (!(cause instanceof NativeFailure)) throw cause;
    throw unavailable(
      `Cannot connect to the D-Bus session bus: ${asClause(describe(cause))}`,
      undefined,
      cause,
    );
  }
}

function unavailable(
  message: string,
  hints: readonly string[] = [
    "Run it in a desktop session (without sudo), or choose another keystore with --backend",
  ],
  cause?: unknown,
): VaultError {
  return new VaultError("keyring-unavailable", message, { hints, cause });
}

/** A failure in the words of its source, escaped for a terminal. */
export function describe(failure: NativeFailure): string {
  if (failure.symbol === "G_IO_ERROR_CANCELLED") return "it does not answer";
  return failure.message;
}

/** The D-Bus errors that mean that no service answers, or that it is gone. */
const GONE: ReadonlySet<string> = new Set([
  "G_IO_ERROR_CLOSED",
  "org.freedesktop.DBus.Error.Disconnected",
  "org.freedesktop.DBus.Error.NameHasNoOwner",
  "org.freedesktop.DBus.Error.ServiceUnknown",
  "org.freedesktop.DBus.Error.UnknownObject",
  "org.freedesktop.DBus.Error.UnknownMethod",
]);

/** The errors that mean that the service exists but did not answer in time. */
const SILENT: ReadonlySet<string> = new Set([
  "G_IO_ERROR_TIMED_OUT",
  "G_IO_ERROR_CANCELLED",
  "org.freedesktop.DBus.Error.NoReply",
  "org.freedesktop.DBus.Error.Timeout",
  "org.freedesktop.DBus.Error.TimedOut",
]);

/** Whether a call ended without an answer, by its time limit. */
export function isSilence(error: unknown): boolean {
  return error instanceof NativeFailure && SILENT.has(error.symbol);
}

/** What a failed call means for the keyring. `doing` is for example `read "work" from KWallet`. */
export function callFailed(doing: string, failure: NativeFailure): VaultError {
  const [code, reason]: [ErrorCode, string] = SILENT.has(failure.symbol)
    ? ["keyring-unavailable", "it does not answer"]
    : GONE.has(failure.symbol) || failure.symbol.startsWith("org.freedesktop.DBus.Error.Spawn.")
    ? ["keyring-unavailable", `it is not there: ${asClause(failure.message)}`]
    : ["keyring-failed", failure.message];
  const hints = code === "keyring-unavailable" ? [RESTART_HINT] : [];
  return new VaultError(code, `Cannot ${doing}: ${asClause(reason)}`, { hints, cause: failure });
}

const RESTART_HINT =
  "Log in to the desktop again, which restarts it, or choose another keystore with --backend";

/**
 * The connection that owns a name on the bus, such as `:1.5`; `undefined` if none does. Starts no
 * service.
 */
export async function nameOwner(
  connection: DBusConnection,
  name: string,
  timeoutMs: number,
): Promise<string | undefined> {
  try {
    const [owner] = await connection.call({
      destination: "org.freedesktop.DBus",
      path: "/org/freedesktop/DBus",
      interface: "org.freedesktop.DBus",
      method: "GetNameOwner",
      parameterType: "(s)",
      parameters: [name],
      timeoutMs,
    });
    return typeof owner === "string" ? owner : undefined;
  } catch (error) {
    const isNobody = error instanceof NativeFailure && /\.NameHasNoOwner$/.test(error.symbol);
    if (isNobody) return undefined;
    throw error;
  }
}

/** Whether a service owns the name on the bus, or the bus can start one that does. Starts no service. */
export async function isNameAvailable(
  connection: DBusConnection,
  name: string,
  timeoutMs: number,
): Promise<boolean> {
  const bus = {
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
    timeoutMs,
  };
  const [hasOwner] = await connection.call({
    ...bus,
    method: "NameHasOwner",
    parameterType: "(s)",
    parameters: [name],
  });
  if (hasOwner === true) return true;
  const [startable] = await connection.call({ ...bus, method: "ListActivatableNames" });
  return Array.isArray(startable) && startable.includes(name);
}

/** Whether there is a graphical session in which a dialog can be seen. */
export function hasDisplay(env: Host["env"]): boolean {
  return ["DISPLAY", "WAYLAND_DISPLAY"].some((name) => (env.get(name) ?? "") !== "");
}
