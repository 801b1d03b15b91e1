import assert from "node:assert/strict";
import { type DBusValue, DBusVariant, NativeFailure } from "../../native.ts";
import { openGLib } from "./glib.ts";
import { decodeVariant, encodeVariant } from "./glib_variant.ts";

const glib = openGLib();
const ignore = glib === undefined;

function throughGLib(type: string, value: DBusValue): DBusValue {
  const variant = glib!.g_variant_ref_sink(encodeVariant(glib!, type, value))!;
  try {
    return decodeVariant(glib!, variant);
  } finally {
    glib!.g_variant_unref(variant);
  }
}

Deno.test("a value comes back from a GVariant as it went in", { ignore }, () => {
  const values: [string, DBusValue][] = [
    ["s", "größe 🔑"],
    ["s", ""],
    ["o", "/org/freedesktop/secrets"],
    ["b", true],
    ["y", 255],
    ["i", -2_147_483_648],
    ["u", 4_294_967_295],
    ["x", -9_223_372_036_854_775_808n],
    ["t", 18_446_744_073_709_551_615n],
    ["ay", new Uint8Array()],
    ["ay", Uint8Array.of(0, 1, 0, 255)],
    ["as", []],
    ["ao", ["/a", "/b"]],
    ["a{ss}", new Map([["profile", "work"], ["", ""]])],
    ["a{sas}", new Map([["list", ["one", "two"]]])],
    ["()", []],
    ["(i(sb)ay)", [1, ["x", false], Uint8Array.of(7)]],
    ["a(ii)", [[1, 2], [3, 4]]],
  ];
  for (const [type, value] of values) assert.deepEqual(throughGLib(type, value), value, type);
});

Deno.test("a variant goes out with its type and comes in as what is in it", { ignore }, () => {
  const sent = new Map([["Label", new DBusVariant("s", "x")], ["N", new DBusVariant("u", 3)]]);
  assert.deepEqual(
    throughGLib("a{sv}", sent),
    new Map<string, DBusValue>([["Label", "x"], ["N", 3]]),
  );
});

Deno.test("a value of another type is refused before GLib sees it", { ignore }, () => {
  const bad: [string, DBusValue][] = [
    ["s", 1],
    ["s", "with a NUL\0inside"],
    ["o", "no path"],
    ["i", 1n],
    ["(ss)", ["one"]],
    ["as", "text"],
    ["ay", ["text"]],
    ["a{ss}", ["x"]],
    ["v", "bare"],
    ["z", "unknown"],
  ];
  for (const [type, value] of bad) {
    assert.throws(() => throughGLib(type, value), NativeFailure, type);
  }
});
