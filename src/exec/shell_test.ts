import assert from "node:assert/strict";
import { defaultShell } from "./shell.ts";

Deno.test("defaultShell() is the person's own, else the system's", () => {
  assert.equal(defaultShell({ SHELL: "/bin/zsh" }, "linux"), "/bin/zsh");
  assert.equal(defaultShell({ SHELL: "" }, "darwin"), "/bin/sh");
  assert.equal(defaultShell({}, "linux"), "/bin/sh");
  assert.equal(defaultShell({ ComSpec: "C:\\cmd.exe" }, "windows"), "C:\\cmd.exe");
  assert.equal(defaultShell({}, "windows"), "cmd.exe");
});
