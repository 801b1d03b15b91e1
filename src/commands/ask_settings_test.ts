import assert from "node:assert/strict";
import { PARTITIONS } from "../aws/partitions.ts";
import { VaultError } from "../errors.ts";
import { Secret } from "../secret.ts";
import type { AskOptions } from "../terminal.ts";
import { memoryHost } from "../../tests/fakes/memory_host.ts";
import { askForMfaSerial, askForRegion, isRegionOf, proposeRegion } from "./ask_settings.ts";
import type { Invocation } from "./context.ts";

const CHINA = PARTITIONS.find(({ id }) => id === "aws-cn");

/** A terminal at which these lines are typed, and nobody is afterwards; with what it showed. */
function typing(...lines: string[]) {
  const host = memoryHost();
  const shown: unknown[] = [];
  const terminal = {
    write: (line: string) => Promise.resolve(void shown.push(line)),
    dropTyped: () => Promise.resolve(),
    ask(question: string, { timeoutMs, waitsForTyping }: AskOptions) {
      shown.push([question, timeoutMs, waitsForTyping]);
      const line = lines.shift();
      return line === undefined
        ? Promise.reject(new VaultError("needs-person", "Nobody answered"))
        : Promise.resolve(new Secret(line));
    },
  };
  const invocation = { host: { ...host, terminal } } as unknown as Invocation;
  return { invocation, shown, talk: host.talk };
}

Deno.test("proposeRegion() proposes the one in effect where it is of the key's partition", () => {
  const cases = [
    [undefined, undefined, "us-east-1"],
    ["eu-west-1", undefined, "eu-west-1"],
    ["eu-west-1", "arn:aws:iam::111122223333:user/x", "eu-west-1"],
    ["eu-west-1", "arn:aws-cn:iam::111122223333:user/x", "cn-northwest-1"],
    [undefined, "arn:aws-us-gov:iam::111122223333:root", "us-gov-west-1"],
    ["cn-north-1", undefined, "cn-north-1"],
    ["not a region", undefined, "us-east-1"],
    ["eu-west-1", "arn:minio:iam::111122223333:user/x", "eu-west-1"],
  ] as const;
  for (const [inEffect, arn, expected] of cases) {
    assert.equal(proposeRegion(inEffect, arn), expected, `${inEffect} ${arn}`);
  }
});

Deno.test("isRegionOf() takes names of regions that nobody knows yet", () => {
  const all = ["us-east-1", "aws-global", "xy-new-1", "cn-north-1", "Frankfurt", "eu_west_1", ""];
  assert.deepEqual(all.filter((text) => isRegionOf(text)), all.slice(0, 4));
  assert.deepEqual(all.filter((text) => isRegionOf(text, CHINA)), all.slice(1, 4));
});

Deno.test("askForMfaSerial() says so where nobody answers", async () => {
  const { invocation, shown, talk } = typing();
  const known = { of: "user", serials: ["a", "b"] } as const;
  assert.equal(await askForMfaSerial(invocation, known), "unanswered");
  assert.deepEqual([shown, talk.said], [
    [
      "MFA devices of this user:\n",
      "  1  a\n",
      "  2  b\n",
      ['Enter MFA Device ARN (or its number, blank for 1, "none" for none): ', 30_000, true],
    ],
    ["note: No MFA device was named: if there is one, add mfa_serial to the profile"],
  ]);
});

Deno.test("askForMfaSerial() takes a number for a device of the list alone", async () => {
  const known = { of: "user", serials: ["GAHT12345678", "GAHT87654321"] } as const;
  const answers = ["", "1", "2", "none", "GAHT00000000"];
  const chosen = await Promise.all(
    answers.map((answer) => askForMfaSerial(typing(answer).invocation, known)),
  );
  assert.deepEqual(chosen, [
    "GAHT12345678",
    "GAHT12345678",
    "GAHT87654321",
    undefined,
    "GAHT00000000",
  ]);
  const nobody = { of: "user", serials: [] } as const;
  assert.equal(await askForMfaSerial(typing("none").invocation, nobody), undefined);
  const wrong = askForMfaSerial(typing("0", "3", "-1").invocation, known);
  await assert.rejects(wrong, { code: "bad-usage" });
});

Deno.test("askForRegion() waits less than a script does, and proposes no region where nobody is", async () => {
  const { invocation, shown, talk } = typing("us-east-1");
  assert.equal(await askForRegion(invocation, "cn-north-1", CHINA), undefined);
  const question = 'Enter Region (leave this blank for cn-north-1, "none" for none): ';
  assert.deepEqual([shown, talk.said], [
    [
      [question, 8000, true],
      "Regions of partition aws-cn look like cn-northwest-1\n",
      [question, 8000, true],
    ],
    ["note: No region was named: to set one, add region to the profile"],
  ]);
});
