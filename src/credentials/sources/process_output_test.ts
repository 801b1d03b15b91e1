import assert from "node:assert/strict";
import { VaultError } from "../../errors.ts";
import { parseProcessOutput } from "./process_output.ts";

const NOW = Temporal.Instant.from("2026-01-01T00:00:00Z");
const WHOLE = {
  Version: 1,
  AccessKeyId: "ASIAEXAMPLE",
  SecretAccessKey: "very secret",
  SessionToken: "a token",
  Expiration: "2026-01-01T01:00:00+00:00",
  AccountId: "123456789012",
};

/** What is read, with the secrets in the open. */
function parsed(output: unknown) {
  const text = typeof output === "string" ? output : JSON.stringify(output);
  const credentials = parseProcessOutput(text, "work", NOW);
  return {
    ...credentials,
    secretAccessKey: credentials.secretAccessKey.reveal(),
    sessionToken: credentials.sessionToken?.reveal(),
    expiration: credentials.expiration?.toString(),
  };
}

Deno.test("parseProcessOutput() reads temporary credentials", () => {
  assert.deepEqual(parsed(WHOLE), {
    accessKeyId: "ASIAEXAMPLE",
    secretAccessKey: "very secret",
    sessionToken: "a token",
    expiration: "2026-01-01T01:00:00Z",
    accountId: "123456789012",
  });
});

Deno.test("parseProcessOutput() reads a long-term key, with nothing, null or an empty text for the other fields", () => {
  const { AccessKeyId, SecretAccessKey } = WHOLE;
  const key = { Version: 1, AccessKeyId, SecretAccessKey };
  for (const output of [key, { ...key, SessionToken: null, Expiration: "", AccountId: null }]) {
    assert.deepEqual(parsed(output), {
      accessKeyId: "ASIAEXAMPLE",
      secretAccessKey: "very secret",
      sessionToken: undefined,
      expiration: undefined,
      accountId: undefined,
    });
  }
});

Deno.test("parseProcessOutput() names what is wrong and shows nothing of it", () => {
  const cases: [unknown, string][] = [
    ["", "it printed nothing"],
    ["very secret", "its output is not JSON"],
    ['{"Version":1,"SecretAccessKey":"very secret"', "its output is not JSON"],
    [[WHOLE], "its output is not a JSON object"],
    ["null", "its output is not a JSON object"],
    [{ ...WHOLE, Version: "1" }, "the Version in its output is not 1"],
    [{ ...WHOLE, Version: 2 }, "the Version in its output is not 1"],
    [{ ...WHOLE, AccessKeyId: undefined }, "there is no AccessKeyId in its output"],
    [{ ...WHOLE, SecretAccessKey: "" }, "there is no SecretAccessKey in its output"],
    [{ ...WHOLE, SessionToken: 12 }, "the SessionToken in its output is not a string"],
    ...["AccessKeyId", "SecretAccessKey", "SessionToken", "AccountId"].flatMap((name) =>
      ["x\nX-Evil: 1", "\u001b[31m", "x\0", "caf\u00e9", "\ud800"].map((
        value,
      ): [unknown, string] => [
        { ...WHOLE, [name]: value },
        `the ${name} in its output has invalid characters`,
      ])
    ),
    [
      { ...WHOLE, Expiration: "tomorrow" },
      "the Expiration in its output is not a time such as 2026-01-01T00:00:00Z",
    ],
    [
      { ...WHOLE, Expiration: "2026-01-01T00:00:00Z" },
      "its credentials expired at 2026-01-01T00:00:00Z",
    ],
  ];
  for (const [output, problem] of cases) {
    assert.throws(() => parsed(output), (error) => {
      assert(error instanceof VaultError);
      assert.deepEqual([error.code, error.message, error.cause], [
        "helper-failed",
        `The credential_process of profile "work" failed: ${problem}`,
        undefined,
      ]);
      return true;
    });
  }
});
