import { canBePassedOn, type Credentials } from "../../credentials.ts";
import { VaultError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { Secret } from "../../secret.ts";

/**
 * The credentials in the environment (SDK reference, "AWS access keys"), `undefined` if there is no
 * access key. Throws `bad-usage` for half a key and for values that a header cannot carry, and
 * `no-credentials` for expired ones; no message quotes a value.
 */
export function readEnvironmentCredentials(
  { env, clock }: Pick<Host, "env" | "clock">,
): Credentials | undefined {
  const get = (...names: readonly string[]) => {
    const name = names.find((name) => env.get(name));
    const text = name === undefined ? undefined : env.get(name);
    if (text === undefined || canBePassedOn(text)) return text;
    throw bad(name!, "it has invalid characters");
  };
  const [id, secret] = [get("AWS_ACCESS_KEY_ID"), get("AWS_SECRET_ACCESS_KEY")];
  if (id === undefined && secret === undefined) return undefined;
  if (id === undefined) throw bad("AWS_ACCESS_KEY_ID", "it is not set");
  if (secret === undefined) throw bad("AWS_SECRET_ACCESS_KEY", "it is not set");
  const token = get("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN");
  const accountId = get("AWS_ACCOUNT_ID");
  const expiration = token && parseEnd(get("AWS_CREDENTIAL_EXPIRATION"), clock.now());
  return {
    accessKeyId: id,
    secretAccessKey: new Secret(secret),
    ...token !== undefined && { sessionToken: new Secret(token) },
    ...expiration && { expiration },
    ...accountId !== undefined && /^\d{12}$/.test(accountId) && { accountId },
  };
}

function parseEnd(text: string | undefined, now: Temporal.Instant): Temporal.Instant | undefined {
  if (text === undefined) return undefined;
  let end: Temporal.Instant;
  try {
    end = Temporal.Instant.from(text);
  } catch {
    throw bad("AWS_CREDENTIAL_EXPIRATION", "it is not a time such as 2026-01-01T00:00:00Z");
  }
  if (Temporal.Instant.compare(end, now) > 0) return end;
  throw new VaultError(
    "no-credentials",
    `Cannot use the credentials of the environment: they expired at ${
      end.toString({ smallestUnit: "second" })
    }`,
  );
}

function bad(variable: string, problem: string): VaultError {
  return new VaultError(
    "bad-usage",
    `Cannot use the credentials of the environment: ${variable}: ${problem}`,
  );
}
