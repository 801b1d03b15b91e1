import { canBePassedOn, type Credentials } from "../../credentials.ts";
import { parseExpirationText } from "../expiration_text.ts";
import type { VaultError } from "../../errors.ts";
import { Secret } from "../../secret.ts";
import { helperFailure } from "../run_helper.ts";

/**
 * The credentials in the output of a `credential_process`: one JSON object with `Version` 1, which
 * is also the default (docs/formats.md, "credential_process").
 *
 * Without `SessionToken` it is a long-term key; without `Expiration` it does not expire. Throws
 * `helper-failed`, which names the field and never shows the output.
 */
export function parseProcessOutput(
  output: string,
  profile: string,
  now: Temporal.Instant,
): Credentials {
  const bad = (problem: string) =>
    helperFailure({ profile, setting: "credential_process" }, problem);
  const fields = parseObject(output, bad);
  if ((fields["Version"] ?? 1) !== 1) throw bad("the Version in its output is not 1");
  const sessionToken = optionalText(fields, "SessionToken", bad);
  const expiration = parseExpiration(optionalText(fields, "Expiration", bad), bad);
  if (expiration && Temporal.Instant.compare(expiration, now) <= 0) {
    throw bad(`its credentials expired at ${expiration.toString({ smallestUnit: "second" })}`);
  }
  return {
    accessKeyId: requiredText(fields, "AccessKeyId", bad),
    secretAccessKey: new Secret(requiredText(fields, "SecretAccessKey", bad)),
    sessionToken: sessionToken === undefined ? undefined : new Secret(sessionToken),
    expiration,
    accountId: optionalText(fields, "AccountId", bad),
  };
}

type Fail = (problem: string) => VaultError;

/** The parser's own error is omitted: it quotes the text that it could not read. */
function parseObject(output: string, bad: Fail): Readonly<Record<string, unknown>> {
  if (output.trim() === "") throw bad("it printed nothing");
  let value: unknown;
  try {
    value = JSON.parse(output.replace(/^\ufeff/, ""));
  } catch {
    throw bad("its output is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw bad("its output is not a JSON object");
  }
  return value as Record<string, unknown>;
}

function requiredText(fields: Readonly<Record<string, unknown>>, name: string, bad: Fail): string {
  const text = optionalText(fields, name, bad);
  if (text === undefined) throw bad(`there is no ${name} in its output`);
  return text;
}

/** Some programs print `null` or an empty string for missing values. */
function optionalText(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  bad: Fail,
): string | undefined {
  const value = fields[name] ?? "";
  if (typeof value !== "string") throw bad(`the ${name} in its output is not a string`);
  // Not quoted: it may be a secret.
  if (!canBePassedOn(value)) throw bad(`the ${name} in its output has invalid characters`);
  return value === "" ? undefined : value;
}

function parseExpiration(text: string | undefined, bad: Fail): Temporal.Instant | undefined {
  if (text === undefined) return undefined;
  const expiration = parseExpirationText(text);
  if (expiration !== undefined) return expiration;
  throw bad("the Expiration in its output is not a time such as 2026-01-01T00:00:00Z");
}
