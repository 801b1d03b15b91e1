import { type DBusValue, DBusVariant, NativeFailure } from "../../native.ts";
import { cString, type GLib, pointerArray, PointerSlot, textAt } from "./glib.ts";

type GVariant = Deno.PointerObject;

/**
 * Makes a `GVariant` (floating reference) of one complete D-Bus type, such as `a{sv}` or `(oayays)`.
 *
 * Throws `NativeFailure` if the value does not match the type: GLib would only print a warning and
 * continue with another value.
 */
export function encodeVariant(glib: GLib, type: string, value: DBusValue): GVariant {
  const made = type.startsWith("a")
    ? encodeArray(glib, type.slice(1), value)
    : type.startsWith("(")
    ? encodeTuple(glib, memberTypes(type), value)
    : type === "v"
    ? encodeInnerVariant(glib, value)
    : encodeBasic(glib, type, value);
  if (made === null) throw mismatch(type);
  return made;
}

function encodeBasic(glib: GLib, type: string, value: DBusValue): Deno.PointerValue {
  if (type === "s" && typeof value === "string") return glib.g_variant_new_string(cString(value));
  if (type === "o" && typeof value === "string") return encodePath(glib, value);
  if (type === "b" && typeof value === "boolean") return glib.g_variant_new_boolean(value ? 1 : 0);
  if (type === "y" && typeof value === "number") return glib.g_variant_new_byte(value);
  if (type === "i" && typeof value === "number") return glib.g_variant_new_int32(value);
  if (type === "u" && typeof value === "number") return glib.g_variant_new_uint32(value);
  if (type === "x" && typeof value === "bigint") return glib.g_variant_new_int64(value);
  if (type === "t" && typeof value === "bigint") return glib.g_variant_new_uint64(value);
  throw mismatch(type);
}

function encodePath(glib: GLib, path: string): Deno.PointerValue {
  const text = cString(path);
  if (glib.g_variant_is_object_path(text) === 0) throw mismatch("o");
  return glib.g_variant_new_object_path(text);
}

function encodeInnerVariant(glib: GLib, value: DBusValue): Deno.PointerValue {
  if (!(value instanceof DBusVariant)) throw mismatch("v");
  return glib.g_variant_new_variant(encodeVariant(glib, value.type, value.value));
}

function encodeTuple(
  glib: GLib,
  types: readonly string[],
  value: DBusValue,
): Deno.PointerValue {
  if (!Array.isArray(value) || value.length !== types.length) throw mismatch(`(${types.join("")})`);
  const members = types.map((type, i) => encodeVariant(glib, type, value[i]));
  return glib.g_variant_new_tuple(pointerArray(members), BigInt(members.length));
}

function encodeArray(glib: GLib, type: string, value: DBusValue): Deno.PointerValue {
  return withType(glib, type, (elementType) => {
    if (type === "y" && value instanceof Uint8Array) {
      // GLib copies the bytes. For an empty array it gets one byte of memory, since it refuses a null pointer.
      const bytes = value.length === 0 ? new Uint8Array(1) : new Uint8Array(value);
      return glib.g_variant_new_fixed_array(elementType, bytes, BigInt(value.length), 1n);
    }
    const elements = encodeElements(glib, type, value);
    return glib.g_variant_new_array(elementType, pointerArray(elements), BigInt(elements.length));
  });
}

function encodeElements(glib: GLib, type: string, value: DBusValue): Deno.PointerValue[] {
  if (value instanceof Map && type.startsWith("{")) {
    const [keyType = "", valueType = ""] = memberTypes(type);
    return [...value].map(([key, entry]) =>
      glib.g_variant_new_dict_entry(
        encodeVariant(glib, keyType, key),
        encodeVariant(glib, valueType, entry),
      )
    );
  }
  if (!Array.isArray(value)) throw mismatch(`a${type}`);
  return value.map((element) => encodeVariant(glib, type, element));
}

function withType<T>(glib: GLib, type: string, use: (type: Deno.PointerValue) => T): T {
  const made = glib.g_variant_type_new(cString(type));
  try {
    return use(made);
  } finally {
    glib.g_variant_type_free(made);
  }
}

/** The complete types inside `(…)` or `{…}`. */
function memberTypes(type: string): string[] {
  const members: string[] = [];
  for (let at = 1; at < type.length - 1;) {
    const end = typeEnd(type, at);
    members.push(type.slice(at, end));
    at = end;
  }
  return members;
}

function typeEnd(type: string, start: number): number {
  const first = type[start];
  if (first === "a") return typeEnd(type, start + 1);
  if (first !== "(" && first !== "{") return start + 1;
  let at = start + 1;
  while (at < type.length && type[at] !== ")" && type[at] !== "}") at = typeEnd(type, at);
  return at + 1;
}

function mismatch(type: string): NativeFailure {
  // The value is not shown: it may be a secret.
  return new NativeFailure(
    "org.freedesktop.DBus.Error.InvalidArgs",
    `A value is not of the D-Bus type ${type}`,
  );
}

/**
 * Decodes a `GVariant`, which the caller still owns. Nested variants give their content; a dictionary
 * gives a `Map`, `ay` a copy as `Uint8Array`, a structure an array.
 */
export function decodeVariant(glib: GLib, variant: GVariant): DBusValue {
  const type = textAt(glib.g_variant_get_type_string(variant));
  if (type === "ay") return decodeBytes(glib, variant);
  if (type.startsWith("a{")) return new Map(decodeChildren(glib, variant) as [string, DBusValue][]);
  if (/^[a({]/.test(type)) return decodeChildren(glib, variant);
  if (type === "v") return decodeChildren(glib, variant)[0]!;
  return decodeBasic(glib, type, variant);
}

function decodeBasic(glib: GLib, type: string, variant: GVariant): DBusValue {
  switch (type) {
    case "s":
    case "o":
    case "g":
      return textAt(glib.g_variant_get_string(variant, null));
    case "b":
      return glib.g_variant_get_boolean(variant) !== 0;
    case "y":
      return glib.g_variant_get_byte(variant);
    case "i":
      return glib.g_variant_get_int32(variant);
    case "u":
      return glib.g_variant_get_uint32(variant);
    case "x":
      return glib.g_variant_get_int64(variant);
    case "t":
      return glib.g_variant_get_uint64(variant);
    default:
      throw mismatch(type);
  }
}

function decodeChildren(glib: GLib, variant: GVariant): DBusValue[] {
  const count = Number(glib.g_variant_n_children(variant));
  return Array.from({ length: count }, (_, i) => {
    const child = glib.g_variant_get_child_value(variant, BigInt(i))!;
    try {
      return decodeVariant(glib, child);
    } finally {
      glib.g_variant_unref(child);
    }
  });
}

function decodeBytes(glib: GLib, variant: GVariant): Uint8Array {
  const length = new PointerSlot();
  const start = glib.g_variant_get_fixed_array(variant, length.buffer, 1n);
  const bytes = new Uint8Array(Number(length.buffer[0]));
  if (start !== null && bytes.length > 0) new Deno.UnsafePointerView(start).copyInto(bytes);
  return bytes;
}
