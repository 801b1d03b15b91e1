import assert from "node:assert/strict";
import { isAccessKeyId, isMfaSerial, isProfileName, isSecretAccessKey } from "./entered_key.ts";

const CASES: [(text: string) => boolean, good: string[], bad: string[]][] = [
  [
    isAccessKeyId,
    ["AKIAIOSFODNN7EXAMPLE", "minio_1"],
    ["", '"AKIAIOSFODNN7EXAMPLE"', "AKIA IO", "AKIA\u200bIO", "je7MtGbClwBF/2Zp9Utk"],
  ],
  [
    isSecretAccessKey,
    ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "a+/=!"],
    ["", "a b", '"a"', "'a'", "`a`", "a\u200b", "\u2019a", "a\u00a0b", "a\tb", "ä", "\udce4"],
  ],
  [
    isMfaSerial,
    [
      "arn:aws:iam::111122223333:mfa/work",
      "arn:aws-us-gov:iam::111122223333:mfa/path/me@example.com",
      "arn:aws:iam::111122223333:sms-mfa/me",
      "GAHT12345678",
    ],
    [
      "",
      "123456",
      "mfa/work",
      "arn:aws:iam::1111:mfa/work",
      "arn:aws:iam::111122223333:mfa/",
      "arn:aws:sts::111122223333:mfa/work",
      "arn:aws:iam::111122223333:mfa/a b",
      '"arn:aws:iam::111122223333:mfa/work"',
    ],
  ],
  [isProfileName, ["work", "é x"], ["", " ", "a]", "a\nb", "caf\udce9"]],
];

Deno.test("what is entered has its form", () => {
  for (const [isValid, good, bad] of CASES) {
    for (const text of good) assert(isValid(text), `${isValid.name}: ${JSON.stringify(text)}`);
    for (const text of bad) assert(!isValid(text), `${isValid.name}: ${JSON.stringify(text)}`);
  }
});
