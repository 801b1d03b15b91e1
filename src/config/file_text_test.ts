import assert from "node:assert/strict";
import { VaultError } from "../errors.ts";
import { memoryHost } from "../../tests/fakes/memory_host.ts";
import { addSection, removeKey, setKey } from "./edit.ts";
import { addProfile, editFile } from "./edit_file.ts";
import { encodeRaw } from "../raw_text.ts";
import { decodeText } from "./file_text.ts";
import { openConfig } from "./config_file.ts";

const bytesOf = (latin1: string) => Uint8Array.from(latin1, (c) => c.charCodeAt(0));
const utf8 = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

Deno.test("decodeText() and encodeRaw() give every byte back, valid UTF-8 as itself", () => {
  const everyByte = Array.from({ length: 255 }, (_, i) => String.fromCharCode(i + 1)).join("");
  const cases = [
    "",
    everyByte,
    "# caf\xe9\n",
    "\xef\xbb\xbf[a]\r\n# caf\xe9",
    utf8("# é 日本 😀 \ufffd\n") + "\xff\xfe",
    "\xc3", // cut off
    "\xed\xb2\x80", // an escape's own encoding, which is not UTF-8
    "\xf4\x90\x80\x80\xc0\xaf\xe2\x82",
  ];
  for (const bytes of cases) {
    assert.deepEqual(encodeRaw(decodeText(bytesOf(bytes), "c")), bytesOf(bytes));
  }
  assert.equal(decodeText(bytesOf(utf8("[é]") + "\xe9"), "c"), "[é]\udce9");
});

Deno.test("an edit keeps bytes that are not UTF-8, and compares names as UTF-8", () => {
  const edits: [before: string, edit: (text: string, path: string) => string, after: string][] = [
    [
      "# caf\xe9\r\n[default]\r\n",
      (text, path) => addSection(text, path, { kind: "profile", name: "é" }, []),
      "# caf\xe9\r\n[default]\r\n\r\n" + utf8("[profile é]\r\n"),
    ],
    [
      "\xef\xbb\xbf" + utf8("[profile é] ") + "# \xe9\nregion = a # \xfc\xe9\n; \x80",
      (text, path) => setKey(text, path, { kind: "profile", name: "é" }, "region", "ö"),
      "\xef\xbb\xbf" + utf8("[profile é] ") + "# \xe9\nregion = " + utf8("ö") +
      " # \xfc\xe9\n; \x80",
    ],
    [
      "[profile \xe9]\nk = \xe9\n[profile work]\nk = v\n[profile \xe8]\nk = \xe8",
      (text, path) => removeKey(text, path, { kind: "profile", name: "work" }, "k"),
      "[profile \xe9]\nk = \xe9\n[profile work]\n[profile \xe8]\nk = \xe8",
    ],
  ];
  for (const [before, edit, after] of edits) {
    const { files } = memoryHost();
    files.writeWhole("/c", bytesOf(before));
    editFile({ files }, "/c", edit);
    assert.deepEqual(files.readBytes("/c"), bytesOf(after));
  }
});

Deno.test("UTF-16 is refused, with and without a byte order mark", () => {
  const cases = [
    "\xff\xfe[\0p\0]\0",
    "\xfe\xff\0[\0p\0]",
    "[\0p\0]\0",
    "\0[\0p\0]",
    "# \xe9\n\0",
  ];
  for (const bytes of cases) {
    const { files } = memoryHost();
    files.writeWhole("/c", bytesOf(bytes));
    const config = openConfig("", "/c");
    assert.throws(
      () => addProfile({ files }, config, "work", []),
      (error) => error instanceof VaultError && error.code === "bad-config",
    );
    assert.deepEqual(files.readBytes("/c"), bytesOf(bytes));
  }
});
