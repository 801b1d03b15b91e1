/** Reads the credentials in an answer of a machine's or container's credential service, as untrusted text. */

import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import { Secret } from "../secret.ts";
import { quote, shorten } from "../text.ts";
import { AnswerReader } from "./rest_json.ts";

/**
 * Reads the credentials in a JSON document of the instance metadata service or a container's endpoint (SDK
 * reference, "IMDS credential provider" and "Container credential provider").
 *
 * `what` names the request in messages. Throws `no-credentials` for a failure that the service itself
 * reports (`Code`), and `NetworkError` for unreadable or expired credentials; neither quotes a secret.
 */
export function readMachineCredentials(
  what: string,
  body: string,
  now: Temporal.Instant,
): Credentials {
  const fields = parseFields(body);
  const answer = new AnswerReader(what, fields);
  if (fields === undefined) throw answer.bad("it is not a JSON object");
  refuseFailure(what, fields);
  const expiration = answer.optionalText("Expiration");
  const sessionToken = answer.optionalText("Token");
  const accountId = answer.optionalText("AccountId");
  return {
    accessKeyId: answer.text("AccessKeyId", /^\w{1,128}$/),
    secretAccessKey: new Secret(answer.text("SecretAccessKey")),
    ...sessionToken !== undefined && { sessionToken: new Secret(sessionToken) },
    ...expiration !== undefined && { expiration: parseEnd(answer, expiration, now) },
    ...accountId !== undefined && /^\d{12}$/.test(accountId) && { accountId },
  };
}

function parseFields(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}

/** The metadata service answers 200 even if it has no credentials (`AssumeRoleUnauthorizedAccess`). */
function refuseFailure(what: string, fields: Readonly<Record<string, unknown>>): void {
  const { Code: code, Message: message } = fields;
  if (typeof code !== "string" || code.toLowerCase() === "success") return;
  const why = typeof message === "string" ? `${code}, ${quote(shorten(message))}` : code;
  throw new VaultError("no-credentials", `Cannot get ${what}: ${shorten(why)}`);
}

function parseEnd(answer: AnswerReader, text: string, now: Temporal.Instant): Temporal.Instant {
  let end: Temporal.Instant;
  try {
    end = Temporal.Instant.from(text);
  } catch {
    throw answer.bad("its Expiration is not a time such as 2026-01-01T00:00:00Z");
  }
  if (Temporal.Instant.compare(end, now) > 0) return end;
  throw answer.bad(`its credentials expired at ${end.toString({ smallestUnit: "second" })}`, [
    "Check this machine's clock",
  ]);
}
