import {
  type DBusConnection,
  type DBusValue,
  NativeFailure,
  type SecretServiceLibrary,
  type SecretServiceSession,
} from "../../native.ts";
import { type Gio, GioConnection, openGio, takeDBusError, withTimeLimit } from "./gio.ts";
import { cString, type GLib, openLibrary, pointerArray, PointerSlot, textAt } from "./glib.ts";
import { decodeVariant, encodeVariant } from "./glib_variant.ts";

const GOBJECT = {
  g_object_new_with_properties: {
    parameters: ["usize", "u32", "buffer", "buffer"],
    result: "pointer",
  },
  g_value_init: { parameters: ["pointer", "usize"], result: "pointer" },
  g_value_set_object: { parameters: ["pointer", "pointer"], result: "void" },
  g_value_set_string: { parameters: ["pointer", "buffer"], result: "void" },
  g_value_set_flags: { parameters: ["pointer", "u32"], result: "void" },
  g_value_unset: { parameters: ["pointer"], result: "void" },
} as const;

const INITABLE = {
  g_initable_init: {
    parameters: ["pointer", "pointer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  g_dbus_proxy_flags_get_type: { parameters: [], result: "usize" },
} as const;

const LIBSECRET = {
  secret_service_get_type: { parameters: [], result: "usize" },
  secret_service_ensure_session_sync: {
    parameters: ["pointer", "pointer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  secret_service_get_session_algorithms: { parameters: ["pointer"], result: "pointer" },
  secret_service_encode_dbus_secret: { parameters: ["pointer", "pointer"], result: "pointer" },
  secret_service_decode_dbus_secret: { parameters: ["pointer", "pointer"], result: "pointer" },
  secret_service_prompt_at_dbus_path_sync: {
    parameters: ["pointer", "buffer", "pointer", "pointer", "buffer"],
    result: "pointer",
    nonblocking: true,
  },
  secret_value_new: { parameters: ["buffer", "isize", "buffer"], result: "pointer" },
  secret_value_get: { parameters: ["pointer", "buffer"], result: "pointer" },
  secret_value_unref: { parameters: ["pointer"], result: "void" },
} as const;

interface Libraries {
  readonly glib: GLib;
  readonly gio: Gio;
  readonly gobject: Deno.StaticForeignLibraryInterface<typeof GOBJECT>;
  readonly initable: Deno.StaticForeignLibraryInterface<typeof INITABLE>;
  readonly libsecret: Deno.StaticForeignLibraryInterface<typeof LIBSECRET>;
}

/** G_TYPE_STRING of gobject/gtype.h. */
const G_TYPE_STRING = 16n << 2n;
/** sizeof(GValue) on 64-bit machines: a type and two words. */
const GVALUE_SIZE = 24;
/** GDBusProxyFlags: DO_NOT_LOAD_PROPERTIES | DO_NOT_CONNECT_SIGNALS: two calls less. */
const BARE_PROXY = 1 | 2;

let opened: Libraries | undefined;

function openLibraries(): Libraries | undefined {
  if (opened !== undefined) return opened;
  const base = openGio();
  const gobject = openLibrary("libgobject-2.0.so.0", GOBJECT);
  const initable = openLibrary("libgio-2.0.so.0", INITABLE);
  const libsecret = openLibrary("libsecret-1.so.0", LIBSECRET);
  if (base === undefined || gobject === undefined) return undefined;
  if (initable === undefined || libsecret === undefined) return undefined;
  return opened = { ...base, gobject, initable, libsecret };
}

/** libsecret, or `undefined` where it or GLib is not on this machine. */
export function openSecretServiceLibrary(): SecretServiceLibrary | undefined {
  const libraries = openLibraries();
  if (libraries === undefined) return undefined;
  return {
    openSession: (connection, options) => openSession(libraries, connection, options),
  };
}

async function openSession(
  libraries: Libraries,
  connection: DBusConnection,
  options: { timeoutMs: number },
): Promise<SecretServiceSession> {
  const { glib, gio, initable, libsecret } = libraries;
  if (!(connection instanceof GioConnection)) throw new TypeError("A connection of GIO is needed");
  const service = newService(libraries, connection);
  const error = new PointerSlot();
  const ready = await withTimeLimit(
    gio,
    options.timeoutMs,
    async (cancellable) =>
      await initable.g_initable_init(service, cancellable, error.buffer) !== 0 &&
      await libsecret.secret_service_ensure_session_sync(service, cancellable, error.buffer) !== 0,
  );
  if (ready) return new LibsecretSession(libraries, service);
  gio.g_object_unref(service);
  throw takeDBusError(glib, gio, error);
}

/**
 * A `SecretService` over a connection of ours.
 *
 * `secret_service_get` would use GIO's shared connection (see `connect` in gio.ts), so the object is
 * made by its properties, which are those of `GDBusProxy`.
 */
function newService(libraries: Libraries, connection: GioConnection): Deno.PointerObject {
  const { gio, gobject, initable, libsecret } = libraries;
  const texts = {
    "g-name": "org.freedesktop.secrets",
    "g-object-path": "/org/freedesktop/secrets",
    "g-interface-name": "org.freedesktop.Secret.Service",
  };
  const names = ["g-connection", "g-flags", ...Object.keys(texts)].map(cString);
  const values = new Uint8Array(new ArrayBuffer(GVALUE_SIZE * names.length));
  const slots = names.map((_, i) => Deno.UnsafePointer.of(values.subarray(i * GVALUE_SIZE)));
  gobject.g_value_init(slots[0]!, gio.g_dbus_connection_get_type());
  gobject.g_value_set_object(slots[0]!, connection.pointer);
  gobject.g_value_init(slots[1]!, initable.g_dbus_proxy_flags_get_type());
  gobject.g_value_set_flags(slots[1]!, BARE_PROXY);
  Object.values(texts).forEach((text, i) => {
    gobject.g_value_init(slots[i + 2]!, G_TYPE_STRING);
    gobject.g_value_set_string(slots[i + 2]!, cString(text));
  });
  const service = gobject.g_object_new_with_properties(
    libsecret.secret_service_get_type(),
    names.length,
    pointerArray(names.map((name) => Deno.UnsafePointer.of(name))),
    values,
  );
  for (const slot of slots) gobject.g_value_unset(slot);
  return service!;
}

class LibsecretSession implements SecretServiceSession {
  readonly #libraries: Libraries;
  #service: Deno.PointerObject | null;
  readonly algorithms: string;

  constructor(libraries: Libraries, service: Deno.PointerObject) {
    this.#libraries = libraries;
    this.#service = service;
    this.algorithms = textAt(libraries.libsecret.secret_service_get_session_algorithms(service));
  }

  encodeSecret(data: Uint8Array, contentType: string): DBusValue {
    const { glib, libsecret } = this.#libraries;
    // libsecret copies into memory that is not swapped; one byte's room stands in for empty data.
    const bytes = data.length === 0 ? new Uint8Array(1) : new Uint8Array(data);
    const value = libsecret.secret_value_new(bytes, BigInt(data.length), cString(contentType));
    bytes.fill(0);
    const encoded = libsecret.secret_service_encode_dbus_secret(this.#open, value);
    libsecret.secret_value_unref(value);
    if (encoded === null) throw new NativeFailure("encode", "libsecret cannot encrypt the secret");
    const owned = glib.g_variant_take_ref(encoded)!;
    try {
      return decodeVariant(glib, owned);
    } finally {
      glib.g_variant_unref(owned);
    }
  }

  decodeSecret(secret: DBusValue): Uint8Array {
    const { glib, libsecret } = this.#libraries;
    const variant = glib.g_variant_ref_sink(encodeVariant(glib, "(oayays)", secret));
    const value = libsecret.secret_service_decode_dbus_secret(this.#open, variant);
    glib.g_variant_unref(variant);
    if (value === null) throw new NativeFailure("decode", "libsecret cannot decrypt the secret");
    const length = new PointerSlot();
    const start = libsecret.secret_value_get(value, length.buffer);
    const data = new Uint8Array(Number(length.buffer[0]));
    if (start !== null && data.length > 0) new Deno.UnsafePointerView(start).copyInto(data);
    libsecret.secret_value_unref(value);
    return data;
  }

  async prompt(path: string, options: { timeoutMs: number }): Promise<DBusValue | undefined> {
    const { glib, gio, libsecret } = this.#libraries;
    const error = new PointerSlot();
    const text = cString(path);
    const service = this.#open;
    const result = await withTimeLimit(
      gio,
      options.timeoutMs,
      (cancellable) =>
        libsecret.secret_service_prompt_at_dbus_path_sync(
          service,
          text,
          cancellable,
          null,
          error.buffer,
        ),
    );
    if (result === null) {
      if (error.value === null) return undefined;
      throw takeDBusError(glib, gio, error);
    }
    try {
      return decodeVariant(glib, result);
    } finally {
      glib.g_variant_unref(result);
    }
  }

  get #open(): Deno.PointerObject {
    if (this.#service === null) throw new NativeFailure("G_IO_ERROR_CLOSED", "Already closed");
    return this.#service;
  }

  close(): void {
    if (this.#service !== null) this.#libraries.gio.g_object_unref(this.#service);
    this.#service = null;
  }
}
