import {
  type DBusCall,
  type DBusConnection,
  type DBusLibrary,
  type DBusListener,
  type DBusSignal,
  type DBusValue,
  NativeFailure,
} from "../../native.ts";
import { cString, type GLib, PointerSlot, takeError, textAt } from "./glib.ts";
import { type Gio, openGio } from "./gio_library.ts";
import { listen } from "./gio_signal.ts";
import { decodeVariant, encodeVariant } from "./glib_variant.ts";

/** GDBusConnectionFlags: AUTHENTICATION_CLIENT | MESSAGE_BUS_CONNECTION. */
const CLIENT_OF_A_BUS = 1 | 8;
/** GDBusCallFlags: NO_AUTO_START. */
const NO_AUTO_START = 1;

/** D-Bus through GIO, or `undefined` if the library is not on this machine. */
export function openDBusLibrary(): DBusLibrary | undefined {
  const libraries = openGio();
  if (libraries === undefined) return undefined;
  return {
    connect: (address, options) => connect(libraries.glib, libraries.gio, address, options),
  };
}

/**
 * Opens a separate connection instead of GIO's shared one (`g_bus_get`), which ends the whole process
 * by SIGTERM when the bus goes away, and reads the address from the process's environment.
 */
async function connect(
  glib: GLib,
  gio: Gio,
  address: string,
  options: { timeoutMs: number },
): Promise<DBusConnection> {
  const error = new PointerSlot();
  const text = cString(address);
  const connection = await holding([text], () =>
    withTimeLimit(
      gio,
      options.timeoutMs,
      (cancellable) =>
        gio.g_dbus_connection_new_for_address_sync(
          text,
          CLIENT_OF_A_BUS,
          null,
          cancellable,
          error.buffer,
        ),
    ));
  if (connection === null) throw takeDBusError(glib, gio, error);
  return new GioConnection(glib, gio, connection);
}

/** A connection to a bus, through GIO. */
class GioConnection implements DBusConnection {
  readonly #glib: GLib;
  readonly #gio: Gio;
  readonly #listeners = new Set<DBusListener>();
  #pointer: Deno.PointerObject | null;

  constructor(glib: GLib, gio: Gio, pointer: Deno.PointerObject) {
    this.#glib = glib;
    this.#gio = gio;
    this.#pointer = pointer;
  }

  async call(request: DBusCall): Promise<readonly DBusValue[]> {
    const glib = this.#glib;
    // Encoded right before the call, which consumes the floating reference.
    const names = [request.destination, request.path, request.interface, request.method];
    const texts = names.map(cString);
    const [destination, path, interfaceName, method] = texts;
    const error = new PointerSlot();
    const parameters = encodeVariant(glib, request.parameterType ?? "()", request.parameters ?? []);
    // The call runs on another thread: closing in the meantime must not free its connection.
    const connection = this.#gio.g_object_ref(this.#open);
    const reply = await holding(texts, () =>
      this.#gio.g_dbus_connection_call_sync(
        connection,
        destination!,
        path!,
        interfaceName!,
        method!,
        parameters,
        null,
        request.autoStart === false ? NO_AUTO_START : 0,
        Math.max(1, Math.ceil(request.timeoutMs)),
        null,
        error.buffer,
      ));
    this.#gio.g_object_unref(connection);
    if (reply === null) throw takeDBusError(glib, this.#gio, error);
    try {
      return decodeVariant(glib, reply) as readonly DBusValue[];
    } finally {
      glib.g_variant_unref(reply);
    }
  }

  listen(signal: DBusSignal): DBusListener {
    const listener = listen(this.#glib, this.#gio, this.#open, signal, () => {
      this.#listeners.delete(listener);
    });
    this.#listeners.add(listener);
    return listener;
  }

  get #open(): Deno.PointerObject {
    if (this.#pointer === null) throw new NativeFailure("G_IO_ERROR_CLOSED", "Already closed");
    return this.#pointer;
  }

  close(): void {
    for (const listener of [...this.#listeners]) listener.close();
    if (this.#pointer !== null) this.#gio.g_object_unref(this.#pointer);
    this.#pointer = null;
  }
}

/** Buffers that calls on other threads read from; V8 does not know of these reads and would collect them. */
const held = new Set<unknown>();

async function holding<T>(buffers: unknown, act: () => Promise<T>): Promise<T> {
  // A new object per call, since two calls may hold the same buffers.
  const hold = { buffers };
  held.add(hold);
  try {
    return await act();
  } finally {
    held.delete(hold);
  }
}

/**
 * Runs a call that takes a `GCancellable`, and cancels it after the time limit.
 *
 * The call runs on a separate thread, so that the timer can fire while it waits.
 */
async function withTimeLimit<T>(
  gio: Gio,
  timeoutMs: number,
  act: (cancellable: Deno.PointerValue) => Promise<T>,
): Promise<T> {
  const cancellable = gio.g_cancellable_new();
  const timer = setTimeout(() => gio.g_cancellable_cancel(cancellable), timeoutMs);
  try {
    return await act(cancellable);
  } finally {
    clearTimeout(timer);
    gio.g_object_unref(cancellable);
  }
}

/** The failure in an error slot, with the D-Bus error's name if it is one. */
function takeDBusError(glib: GLib, gio: Gio, slot: PointerSlot): NativeFailure {
  const error = slot.value;
  if (error === null) return new NativeFailure("unknown", "The library gave no reason");
  const remoteName = gio.g_dbus_error_get_remote_error(error);
  const name = textAt(remoteName);
  glib.g_free(remoteName);
  if (name === "") return takeError(glib, error);
  gio.g_dbus_error_strip_remote_error(error);
  const failure = takeError(glib, error);
  return new NativeFailure(name, failure.message);
}
