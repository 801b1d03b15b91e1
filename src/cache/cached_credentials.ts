import type { Credentials } from "../credentials.ts";
import { Secret } from "../secret.ts";

/** Renders credentials for sealing: the names of the `credential_process` format, plus the account. */
export function renderCredentials(credentials: Credentials): string {
  return JSON.stringify({
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey.reveal(),
    SessionToken: credentials.sessionToken?.reveal(),
    Expiration: credentials.expiration?.toString(),
    AccountId: credentials.accountId,
  });
}

/** The credentials in an unsealed text, or `undefined` if it is something else. */
export function parseCredentials(text: string): Credentials | undefined {
  try {
    const parsed = JSON.parse(text);
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = parsed;
    if (typeof accessKeyId !== "string" || typeof secretAccessKey !== "string") return undefined;
    return {
      accessKeyId,
      secretAccessKey: new Secret(secretAccessKey),
      ...typeof parsed.SessionToken === "string" &&
        { sessionToken: new Secret(parsed.SessionToken) },
      expiration: Temporal.Instant.from(parsed.Expiration),
      ...typeof parsed.AccountId === "string" && { accountId: parsed.AccountId },
    };
  } catch {
    return undefined;
  }
}
