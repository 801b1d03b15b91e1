import assert from "node:assert/strict";
import { fileNameOf, keyOfFileName } from "./names.ts";

const POSIX: Record<string, string> = {
  "work": "work",
  "team/prod": "team%2Fprod",
  "team%2Fprod": "team%252Fprod",
  "100%": "100%25",
  ".": "%2E",
  "..": "%2E.",
  "...": "...",
  ".hidden": ".hidden",
  ".aws-vault-0123456789abcdef.tmp": "%2Eaws-vault-0123456789abcdef.tmp",
  "oidc:https://example.com/start": "oidc:https:%2F%2Fexample.com%2Fstart",
  "nul\0": "nul%00",
  "größe": "größe",
};

const WINDOWS: Record<string, string> = {
  "oidc:https://example.com/start": "oidc%3Ahttps%3A%2F%2Fexample.com%2Fstart",
  'a<b>c"d\\e|f?g*h': "a%3Cb%3Ec%22d%5Ce%7Cf%3Fg%2Ah",
  "tab\t": "tab%09",
  "con": "%63on",
  "NUL.txt": "%4EUL.txt",
  "Lpt1": "%4Cpt1",
  "com¹ .x": "%63om¹ .x",
  "console": "console",
  "dot.": "dot%2E",
  "space ": "space%20",
  ".": "%2E",
  "..": "%2E%2E",
  "a.b": "a.b",
};

Deno.test("fileNameOf() encodes as the Go library does, and keyOfFileName() undoes it", () => {
  for (const [key, name] of Object.entries(POSIX)) {
    assert.equal(fileNameOf(key, "linux"), name);
    assert.equal(keyOfFileName(name, "darwin"), key);
  }
});

Deno.test("fileNameOf() makes a name that Windows takes for an ordinary file", () => {
  for (const [key, name] of Object.entries(WINDOWS)) {
    assert.equal(fileNameOf(key, "windows"), name);
    assert.equal(keyOfFileName(name, "windows"), key);
  }
});

Deno.test("fileNameOf() refuses what no file name can hold", () => {
  for (const key of ["", "\ud800", "x".repeat(256), "/".repeat(86), "ü".repeat(128)]) {
    assert.throws(() => fileNameOf(key, "linux"), { code: "unsupported" });
  }
  assert.equal(fileNameOf("x".repeat(255), "linux").length, 255);
});

Deno.test("keyOfFileName() takes no other file for a key", () => {
  for (
    const name of [
      ".",
      "..",
      ".aws-vault-0123456789abcdef.tmp",
      "50%",
      "a%2fb",
      "a%41",
      "%complete",
      "%FF",
    ]
  ) {
    assert.equal(keyOfFileName(name, "linux"), undefined, name);
  }
  assert.equal(keyOfFileName("oidc:x", "windows"), undefined);
});
