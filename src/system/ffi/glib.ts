import { NativeFailure } from "../../native.ts";

/** The GLib and GObject functions that are used here. */
const GLIB = {
  g_main_context_new: { parameters: [], result: "pointer" },
  g_main_context_push_thread_default: { parameters: ["pointer"], result: "void" },
  g_main_context_pop_thread_default: { parameters: ["pointer"], result: "void" },
  g_main_context_iteration: { parameters: ["pointer", "i32"], result: "i32" },
  g_main_context_unref: { parameters: ["pointer"], result: "void" },
  g_free: { parameters: ["pointer"], result: "void" },
  g_error_free: { parameters: ["pointer"], result: "void" },
  g_quark_to_string: { parameters: ["u32"], result: "pointer" },
  g_variant_type_new: { parameters: ["buffer"], result: "pointer" },
  g_variant_type_free: { parameters: ["pointer"], result: "void" },
  g_variant_new_string: { parameters: ["buffer"], result: "pointer" },
  g_variant_new_object_path: { parameters: ["buffer"], result: "pointer" },
  g_variant_new_boolean: { parameters: ["i32"], result: "pointer" },
  g_variant_new_byte: { parameters: ["u8"], result: "pointer" },
  g_variant_new_int32: { parameters: ["i32"], result: "pointer" },
  g_variant_new_uint32: { parameters: ["u32"], result: "pointer" },
  g_variant_new_int64: { parameters: ["i64"], result: "pointer" },
  g_variant_new_uint64: { parameters: ["u64"], result: "pointer" },
  g_variant_new_variant: { parameters: ["pointer"], result: "pointer" },
  g_variant_new_tuple: { parameters: ["buffer", "usize"], result: "pointer" },
  g_variant_new_array: { parameters: ["pointer", "buffer", "usize"], result: "pointer" },
  g_variant_new_dict_entry: { parameters: ["pointer", "pointer"], result: "pointer" },
  g_variant_new_fixed_array: {
    parameters: ["pointer", "buffer", "usize", "usize"],
    result: "pointer",
  },
  g_variant_is_object_path: { parameters: ["buffer"], result: "i32" },
  g_variant_ref_sink: { parameters: ["pointer"], result: "pointer" },
  g_variant_unref: { parameters: ["pointer"], result: "void" },
  g_variant_get_type_string: { parameters: ["pointer"], result: "pointer" },
  g_variant_get_string: { parameters: ["pointer", "pointer"], result: "pointer" },
  g_variant_get_boolean: { parameters: ["pointer"], result: "i32" },
  g_variant_get_byte: { parameters: ["pointer"], result: "u8" },
  g_variant_get_int32: { parameters: ["pointer"], result: "i32" },
  g_variant_get_uint32: { parameters: ["pointer"], result: "u32" },
  g_variant_get_int64: { parameters: ["pointer"], result: "i64" },
  g_variant_get_uint64: { parameters: ["pointer"], result: "u64" },
  g_variant_n_children: { parameters: ["pointer"], result: "usize" },
  g_variant_get_child_value: { parameters: ["pointer", "usize"], result: "pointer" },
  g_variant_get_fixed_array: { parameters: ["pointer", "buffer", "usize"], result: "pointer" },
} as const;

/** The functions of `libglib-2.0.so.0` that are used here. */
export type GLib = Deno.DynamicLibrary<typeof GLIB>["symbols"];

/** Opens GLib, or returns `undefined` if it is not on this machine. */
export function openGLib(): GLib | undefined {
  return openLibrary("libglib-2.0.so.0", GLIB);
}

/**
 * `dlopen` by soname, so that the system's search path decides, not the user's folders.
 *
 * Returns `undefined` ("not here") for a library that is missing, or too old to have a symbol.
 */
export function openLibrary<S extends Deno.ForeignLibraryInterface>(
  soname: string,
  symbols: S,
): Deno.StaticForeignLibraryInterface<S> | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    return Deno.dlopen(soname, symbols).symbols;
  } catch {
    return undefined;
  }
}

const encoder = new TextEncoder();

/**
 * A NUL-terminated copy of a text.
 *
 * A text that contains a NUL is refused: C would cut it there, and so take one name for another.
 */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) {
    throw new NativeFailure(
      "org.freedesktop.DBus.Error.InvalidArgs",
      "A name with a NUL character cannot be passed to a system library",
    );
  }
  return encoder.encode(text + "\0");
}

/** Reads the text at a pointer, which the library still owns; `""` for a null pointer. */
export function textAt(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

/** A slot for one pointer that the library writes, such as a `GError **`. */
export class PointerSlot {
  /** Has an explicit buffer: V8 may move a small typed array's inline data while a call runs. */
  readonly buffer: BigUint64Array<ArrayBuffer> = new BigUint64Array(new ArrayBuffer(8));

  /** The pointer that was written, or `null`. */
  get value(): Deno.PointerValue {
    return Deno.UnsafePointer.create(this.buffer[0]!);
  }
}

/** Makes a C array of pointers. */
export function pointerArray(pointers: readonly Deno.PointerValue[]): BigUint64Array<ArrayBuffer> {
  return BigUint64Array.from(pointers, (pointer) => Deno.UnsafePointer.value(pointer));
}

/** The values of `GIOErrorEnum` (gio/gioenums.h) that callers distinguish. */
const G_IO_ERRORS: Readonly<Record<number, string>> = {
  1: "G_IO_ERROR_NOT_FOUND",
  18: "G_IO_ERROR_CLOSED",
  19: "G_IO_ERROR_CANCELLED",
  24: "G_IO_ERROR_TIMED_OUT",
  39: "G_IO_ERROR_CONNECTION_REFUSED",
};

/** Reads a `GError`: its domain and code as one word, and its text. Frees the error. */
export function takeError(glib: GLib, error: Deno.PointerObject): NativeFailure {
  // struct GError { guint32 domain; gint code; char *message; }
  const view = new Deno.UnsafePointerView(error);
  const domain = textAt(glib.g_quark_to_string(view.getUint32(0)));
  const code = view.getInt32(4);
  const message = textAt(view.getPointer(8));
  glib.g_error_free(error);
  const ioError = domain === "g-io-error-quark" ? G_IO_ERRORS[code] : undefined;
  return new NativeFailure(ioError ?? `${domain}:${code}`, message);
}
