import assert from "node:assert/strict";
import type { Platform } from "../host.ts";
import type { Files } from "../files.ts";
import { addProfile, editFile } from "./edit_file.ts";
import { configPath, credentialsPath, readConfig } from "./files.ts";

function hostOf(
  env: Record<string, string>,
  platform: Partial<Platform> = {},
  texts: Record<string, string> = {},
) {
  const done: unknown[] = [];
  const files = {
    readText: (path: string) => texts[path],
    stamp: () => undefined,
    readBytes: (path: string) => path in texts ? new TextEncoder().encode(texts[path]) : undefined,
    makeFolder: (path: string, mode?: number) => void done.push(["makeFolder", path, mode]),
    writeWhole: (path: string, bytes: Uint8Array) =>
      void done.push(["writeWhole", path, new TextDecoder().decode(bytes)]),
  } as unknown as Files;
  return {
    env: { get: (name: string) => env[name], all: () => env },
    platform: {
      os: "linux",
      pid: 1,
      home: "/home/a",
      executable: "aws-vault",
      user: "1000",
      ...platform,
    } as const,
    files,
    done,
  };
}

Deno.test("configPath() and credentialsPath() follow the variables, else the home folder", () => {
  const paths = (env: Record<string, string>, platform: Partial<Platform> = {}) => [
    configPath(hostOf(env, platform)),
    credentialsPath(hostOf(env, platform)),
  ];
  assert.deepEqual(paths({ AWS_CONFIG_FILE: "" }), [
    "/home/a/.aws/config",
    "/home/a/.aws/credentials",
  ]);
  assert.deepEqual(
    paths({ AWS_CONFIG_FILE: "~/c", AWS_SHARED_CREDENTIALS_FILE: "relative" }),
    ["/home/a/c", "relative"],
  );
  assert.deepEqual(paths({ AWS_CONFIG_FILE: "~b/c" }), ["~b/c", "/home/a/.aws/credentials"]);
  assert.deepEqual(paths({}, { os: "windows", home: "C:\\Users\\a" }), [
    "C:/Users/a/.aws/config",
    "C:/Users/a/.aws/credentials",
  ]);
});

Deno.test("configPath() says what to set where nothing says where home is", () => {
  assert.throws(() => configPath(hostOf({}, { home: undefined })), {
    code: "bad-config",
    message: "Cannot find the AWS config file: the home folder is unknown",
    hints: ["Set AWS_CONFIG_FILE to the path of the file", "Set HOME"],
  });
});

Deno.test("readConfig() takes a missing file for an empty one", () => {
  const config = readConfig(hostOf({}));
  assert.deepEqual([config.path, config.profileNames()], ["/home/a/.aws/config", []]);
});

Deno.test("addProfile() makes the folder and the file where they are missing", () => {
  const host = hostOf({});
  addProfile(host, { path: "/home/a/.aws/config" }, "work", [["mfa_serial", "arn"]]);
  assert.deepEqual(host.done, [
    ["makeFolder", "/home/a/.aws", { shared: true }],
    ["writeWhole", "/home/a/.aws/config", "[profile work]\nmfa_serial = arn\n"],
  ]);
});

Deno.test("addProfile() leaves a profile that another process added, but loses no setting", () => {
  const host = hostOf({}, {}, { c: "[profile work]\n" });
  addProfile(host, { path: "c" }, "work", []);
  assert.deepEqual(host.done, []);
  assert.throws(() => addProfile(host, { path: "c" }, "work", [["mfa_serial", "arn"]]), {
    code: "conflict",
  });
});

Deno.test("editFile() leaves mode and folder to an existing file, and writes only a change", () => {
  const host = hostOf({}, {}, { c: "[a]\n" });
  editFile(host, "c", (text) => text);
  editFile(host, "c", (text, path) => `${text}# ${path}\n`);
  assert.deepEqual(host.done, [["writeWhole", "c", "[a]\n# c\n"]]);
});

Deno.test("readConfig() says of UTF-16 that it is", () => {
  const path = "/home/a/.aws/config";
  for (const text of ["\ufffd\ufffd[\0p\0]\0", "[\0p\0]\0", "\0[\0p"]) {
    assert.throws(() => readConfig(hostOf({}, {}, { [path]: text })), {
      code: "bad-config",
      message: `Cannot read "${path}": it is UTF-16`,
    });
  }
});
