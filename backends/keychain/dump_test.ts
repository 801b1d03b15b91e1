import assert from "node:assert/strict";
import { DumpUnreadable, parseBytes, parseDump } from "./dump.ts";

/** One item, as `security dump-keychain` of macOS 14 prints it. */
const item = (
  account: string,
  service = '"aws-vault"',
  kind = '"genp"',
  description = "<NULL>",
) =>
  `keychain: "/Users/someone/Library/Keychains/aws-vault.keychain-db"
version: 512
class: ${kind}
attributes:
    0x00000007 <blob>="aws-vault (work)"
    0x00000008 <blob>=<NULL>
    "acct"<blob>=${account}
    "cdat"<timedate>=0x32303236303832323132333235385A00  "20260822123258Z\\000"
    "crtr"<uint32>="aapl"
    "cusi"<sint32>=<NULL>
    "desc"<blob>=${description}
    "icmt"<blob>=<NULL>
    "invi"<sint32>=<NULL>
    "prot"<blob>=<NULL>
    "scrp"<sint32>=<NULL>
    "svce"${`<blob>=${service}`}
    "type"<uint32>=<NULL>
`;
const accounts = (text: string) => parseDump(text).map(({ account }) => account);

Deno.test("parseDump() gives service, account and description of generic passwords", () => {
  const text = item('"work"', '"aws-vault"', '"genp"', '"why"') + item('"mail"', '"Mail"') +
    item('"key"', '"aws-vault"', "0x0000000F ") +
    item('"server"', '"aws-vault"', '"inet"');
  assert.deepEqual(parseDump(text), [
    { service: "aws-vault", account: "work", description: "why" },
    { service: "Mail", account: "mail", description: "" },
  ]);
  assert.deepEqual(parseDump(""), []);
});

Deno.test("parseDump() reads text in each of its forms", () => {
  const forms: [string, string][] = [
    ['"team/prod admin"', "team/prod admin"],
    ['"say "hi" <blob>="x""', 'say "hi" <blob>="x"'],
    ['0x6772C3B6C39F65  "gr\\303\\266\\303\\237e"', "größe"],
    ["0xE697A5E69CAC ", "日本"],
    ['0x6261636B5C736C617368  "back\\134slash"', "back\\slash"],
    ['0x610A62  "a\\012b"', "a\nb"],
    ['"0x41"', "0x41"],
    ['"<NULL>"', "<NULL>"],
    ['"    "', "    "],
  ];
  for (const [printed, account] of forms) assert.deepEqual(accounts(item(printed)), [account]);
});

Deno.test("parseDump() passes over items that can have no key of ours", () => {
  for (const account of ["<NULL>", "", "0xFF80 "]) assert.deepEqual(accounts(item(account)), []);
  assert.deepEqual(accounts(item('"work"', "<NULL>")), []);
});

Deno.test("parseDump() takes nothing for granted that it cannot read", () => {
  const damaged = [
    item("work"),
    item('"wo\\rk"'),
    item('"gr\u00f6\u00dfe"'),
    item('0x6 "a"'),
    item('0x61 "a"'),
    item('0x61  "a" and more'),
    item('"work"').replace("version: 512", "something new"),
    item('"work"').replace('    "acct"', '    "acc"'),
    "dump-keychain: returned -25308\n",
  ];
  for (const text of damaged) assert.throws(() => parseDump(text), DumpUnreadable, text);
  try {
    parseDump(item("secret"));
  } catch (error) {
    assert.equal((error as Error).message, "line 7 of its list cannot be parsed");
  }
});

Deno.test("parseBytes() gives any bytes back", () => {
  assert.deepEqual(parseBytes("0x00FF80 "), Uint8Array.of(0, 0xff, 0x80));
  assert.deepEqual(parseBytes(""), new Uint8Array());
  assert.equal(parseBytes("<NULL>"), undefined);
  assert.equal(parseBytes("0x"), undefined);
});
