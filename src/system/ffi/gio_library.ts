import { type GLib, openGLib, openLibrary } from "./glib.ts";

const GIO = {
  g_cancellable_new: { parameters: [], result: "pointer" },
  g_cancellable_cancel: { parameters: ["pointer"], result: "void" },
  g_object_ref: { parameters: ["pointer"], result: "pointer" },
  g_object_unref: { parameters: ["pointer"], result: "void" },
  g_dbus_connection_new_for_address_sync: {
    parameters: ["buffer", "i32", "pointer", "pointer", "buffer"],
    result: "pointer",
    nonblocking: true,
  },
  g_dbus_connection_call_sync: {
    // connection, bus name, path, interface, method, parameters, reply type, flags, ms, cancellable, error
    parameters: [
      "pointer",
      "buffer",
      "buffer",
      "buffer",
      "buffer",
      "pointer",
      "pointer",
      "i32",
      "i32",
      "pointer",
      "buffer",
    ],
    result: "pointer",
    nonblocking: true,
  },
  g_dbus_connection_signal_subscribe: {
    // connection, sender, interface, member, path, arg0, flags, callback, user data, free function
    parameters: [
      "pointer",
      "buffer",
      "buffer",
      "buffer",
      "buffer",
      "pointer",
      "i32",
      "function",
      "pointer",
      "pointer",
    ],
    result: "u32",
  },
  g_dbus_connection_signal_unsubscribe: { parameters: ["pointer", "u32"], result: "void" },
  g_dbus_error_get_remote_error: { parameters: ["pointer"], result: "pointer" },
  g_dbus_error_strip_remote_error: { parameters: ["pointer"], result: "i32" },
} as const;

/** The functions of `libgio-2.0.so.0` that are used here. */
export type Gio = Deno.StaticForeignLibraryInterface<typeof GIO>;

let opened: { glib: GLib; gio: Gio } | undefined;

/** GLib and GIO, opened once; `undefined` if either is not on this machine. */
export function openGio(): { glib: GLib; gio: Gio } | undefined {
  if (opened !== undefined) return opened;
  const glib = openGLib();
  const gio = openLibrary("libgio-2.0.so.0", GIO);
  if (glib === undefined || gio === undefined) return undefined;
  return opened = { glib, gio };
}
