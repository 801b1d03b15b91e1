import assert from "node:assert/strict";
import { memoryEnv, memoryPlatform } from "../tests/fakes/memory_host.ts";
import { expandPath, stateFolder } from "./state_folder.ts";

Deno.test("stateFolder() follows the variable, in which ~ is the home folder, on every system", () => {
  const folder = (variable: string | undefined, platform = memoryPlatform()) =>
    stateFolder({
      env: memoryEnv(variable === undefined ? {} : { AWS_VAULT_STATE_DIR: variable }),
      platform,
    });
  const homeless = memoryPlatform({ home: undefined });
  const windows = memoryPlatform({ os: "windows", home: "C:/Users/me" });
  const mac = memoryPlatform({ os: "darwin", home: "/Users/me" });
  assert.deepEqual(
    [
      folder(undefined),
      folder(""),
      folder("~/x"),
      folder("~"),
      folder("~x/y"),
      folder("/s"),
      folder("~/x", mac),
      folder("~/x", windows),
      folder("~\\x", windows),
      folder(undefined, homeless),
      folder("~/x", homeless),
      folder("/s", homeless),
    ],
    [
      "/home/test/.awsvault/state",
      "/home/test/.awsvault/state",
      "/home/test/x",
      "/home/test",
      "~x/y",
      "/s",
      "/Users/me/x",
      "C:/Users/me/x",
      "C:/Users/me/x",
      undefined,
      undefined,
      "/s",
    ],
  );
});

Deno.test("expandPath() gives a path of Windows one kind of slash, and any other as it is", () => {
  const on = (os: "linux" | "windows") => (path: string) =>
    expandPath(path, { os, home: undefined });
  const paths = [
    "C:\\a/b",
    "\\\\?\\D:\\long",
    "\\\\?\\UNC\\host\\share",
    "\\\\host\\share",
    "\\\\?\\Volume{1}\\x",
  ];
  assert.deepEqual(paths.map(on("windows")), [
    "C:/a/b",
    "D:/long",
    "//host/share",
    "//host/share",
    "//?/Volume{1}/x",
  ]);
  assert.deepEqual(paths.map(on("linux")), paths);
});
