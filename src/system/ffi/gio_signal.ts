import type { DBusListener, DBusSignal, DBusValue } from "../../native.ts";
import type { Gio } from "./gio_library.ts";
import { cString, type GLib } from "./glib.ts";
import { decodeVariant } from "./glib_variant.ts";

/** GDBusSignalCallback: connection, sender, path, interface, signal, parameters, user data. */
const SIGNAL_CALLBACK = {
  parameters: ["pointer", "pointer", "pointer", "pointer", "pointer", "pointer", "pointer"],
  result: "void",
} as const;

/** The interval at which signals are polled, too short for a person to notice. */
const POLL_MS = 20;

/**
 * Listens for a signal of a connection.
 *
 * GIO delivers signals when a main context is iterated. We use a separate context and iterate it only on
 * this thread and without blocking, so that the callback never runs concurrently with JavaScript.
 */
export function listen(
  glib: GLib,
  gio: Gio,
  connection: Deno.PointerObject,
  signal: DBusSignal,
  onClose: () => void,
): DBusListener {
  const received: (readonly DBusValue[])[] = [];
  const callback = new Deno.UnsafeCallback(
    SIGNAL_CALLBACK,
    (_connection, _sender, _path, _interface, _signal, parameters) => {
      if (parameters !== null) {
        received.push(decodeVariant(glib, parameters) as readonly DBusValue[]);
      }
    },
  );
  const context = glib.g_main_context_new();
  glib.g_main_context_push_thread_default(context);
  const subscription = subscribe(gio, connection, signal, callback.pointer);
  glib.g_main_context_pop_thread_default(context);
  const iterate = () => {
    while (glib.g_main_context_iteration(context, 0) !== 0);
  };
  let isClosed = false;
  return {
    next: async ({ timeoutMs }) => {
      const end = performance.now() + timeoutMs;
      while (!isClosed) {
        iterate();
        if (received.length > 0) return received.shift();
        if (performance.now() >= end) return undefined;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      return undefined;
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      gio.g_dbus_connection_signal_unsubscribe(connection, subscription);
      iterate();
      glib.g_main_context_unref(context);
      callback.close();
      onClose();
    },
  };
}

function subscribe(
  gio: Gio,
  connection: Deno.PointerObject,
  signal: DBusSignal,
  callback: Deno.PointerObject,
): number {
  return gio.g_dbus_connection_signal_subscribe(
    connection,
    cString(signal.sender),
    cString(signal.interface),
    cString(signal.member),
    cString(signal.path),
    null,
    0,
    callback,
    null,
    null,
  );
}
