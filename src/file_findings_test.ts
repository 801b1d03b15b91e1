import assert from "node:assert/strict";
import { removal } from "./file_findings.ts";

Deno.test("removal() is a command of the shells that are there", () => {
  assert.equal(removal("/home/me/a b", "linux"), 'rm "/home/me/a b"');
  assert.equal(removal("/Users/me/a", "darwin", "folder"), "rmdir /Users/me/a");
  assert.equal(removal("C:/Users/me/a b", "windows"), 'del "C:\\Users\\me\\a b"');
  assert.equal(removal("C:/a", "windows", "folder"), 'rmdir "C:\\a"');
});
