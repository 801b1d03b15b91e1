import assert from "node:assert/strict";
import { hasCode } from "../errors.ts";
import { parseCsv, readConsoleCsv } from "./console_csv.ts";
import type { Importable } from "./importable_key.ts";

const ID = "AKIAIOSFODNN7EXAMPLE";
const ID2 = "AKIAI44QH8DHBEXAMPLE";
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/** Without `Secret`, which no comparison looks into. */
function plain({ keys, others }: Importable) {
  const revealed = keys.map((
    { profile, key },
  ) => [profile, key.accessKeyId, key.secretAccessKey.reveal()]);
  return { keys: revealed, others: others.map(({ profile, why }) => [profile, why]) };
}

Deno.test("parseCsv() reads quoted fields, all line ends and empty lines", () => {
  const table: [string, string[][]][] = [
    ["", []],
    ["a,b", [["a", "b"]]],
    ["a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]],
    ["a\rb\n\n\nc", [["a"], ["b"], ["c"]]],
    ['"a ""b"", c","x\ny"\n', [['a "b", c', "x\ny"]]],
    ["a,\n,b", [["a", ""], ["", "b"]]],
    ["a,", [["a", ""]]],
    ['a,"b"c', []],
    ['a,"b', []],
  ];
  for (const [text, rows] of table) assert.deepEqual(parseCsv(text), rows, JSON.stringify(text));
});

Deno.test("readConsoleCsv() reads what the console gives and gave", () => {
  const texts = [
    `\ufeffUser name,Access key ID,Secret access key\r\nalice,${ID},${SECRET}\r\n`,
    `User name,Password,Access key ID,Secret access key,Console login link\nalice,,${ID},${SECRET},https://111122223333.signin.aws.amazon.com/console`,
    `"User Name","Access Key Id","Secret Access Key"\n"alice","${ID}","${SECRET}"\n`,
  ];
  for (const text of texts) {
    assert.deepEqual(plain(readConsoleCsv(text, "k.csv")), {
      keys: [["alice", ID, SECRET]],
      others: [],
    });
  }
  const short = `Access key ID,Secret access key\n${ID},${SECRET}\n`;
  assert.deepEqual(plain(readConsoleCsv(short, "k.csv", "work")).keys, [["work", ID, SECRET]]);
});

Deno.test("readConsoleCsv() names what it cannot store, and goes on with the others", () => {
  const text = [
    "User name,Access key ID,Secret access key",
    `alice,${ID},${SECRET}`,
    `bob,${ID2},`,
    `carol,${ID},${SECRET}`,
    `carol,${ID2},${SECRET}`,
  ].join("\n");
  assert.deepEqual(plain(readConsoleCsv(text, "k.csv")), {
    keys: [["alice", ID, SECRET]],
    others: [
      ["bob", "row 3 has an incomplete key"],
      ["carol", "the file has several keys of this name"],
    ],
  });
});

Deno.test("readConsoleCsv() says what the file or the command lacks, and quotes no secret", () => {
  const table: [string, string | undefined, string][] = [
    [`Access key ID,Secret access key\n${ID},${SECRET}\n`, undefined, "bad-usage"],
    [`User name,Access key ID,Secret access key\na,${ID},${SECRET}\nb,${ID2},x`, "w", "bad-usage"],
    ["User name,Access key ID,Secret access key\n", undefined, "bad-config"],
    [`${ID},${SECRET}\n`, "work", "bad-config"],
    ["", "work", "bad-config"],
  ];
  for (const [text, profile, code] of table) {
    assert.throws(
      () => readConsoleCsv(text, "k.csv", profile),
      (error) =>
        hasCode(error, "bad-usage", "bad-config") && error.code === code &&
        !JSON.stringify([error.message, error.hints]).includes(SECRET),
    );
  }
});
