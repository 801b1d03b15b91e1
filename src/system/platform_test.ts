import assert from "node:assert/strict";
import type { Env } from "../host.ts";
import { homeFolder, systemPlatform } from "./platform.ts";
import { systemRandom } from "./random.ts";

function envOf(values: Record<string, string>): Env {
  return { get: (name) => values[name], all: () => values };
}

Deno.test("homeFolder() takes the first variable that says something", () => {
  const windows = { USERPROFILE: "C:\\Users\\a", HOMEDRIVE: "D:", HOMEPATH: "\\b" };
  const found = [
    homeFolder(envOf({ HOME: "/home/a" }), "linux"),
    homeFolder(envOf({ HOME: "", ...windows }), "linux"),
    homeFolder(envOf({ HOME: "C:\\msys\\a", ...windows }), "windows"),
    homeFolder(envOf(windows), "windows"),
    homeFolder(envOf({ ...windows, USERPROFILE: "" }), "windows"),
    homeFolder(envOf({ HOMEDRIVE: "D:" }), "windows"),
  ];
  assert.deepEqual(found, [
    "/home/a",
    undefined,
    "C:/msys/a",
    "C:/Users/a",
    "D:/b",
    undefined,
  ]);
});

Deno.test("systemPlatform() knows this process", () => {
  const platform = systemPlatform(envOf({ HOME: "/home/a" }));
  assert.deepEqual([platform.pid, platform.executable], [Deno.pid, Deno.execPath()]);
});

Deno.test("systemRandom() gives as many bytes as are asked for, all of them random", () => {
  const random = systemRandom();
  assert.deepEqual(random.bytes(0), new Uint8Array());
  const many = random.bytes(200_000);
  assert.equal(many.length, 200_000);
  assert(many.subarray(150_000).some((byte) => byte !== 0));
  const fraction = random.fraction();
  assert(fraction >= 0 && fraction < 1);
});
