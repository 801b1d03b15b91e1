import { VaultError } from "../errors.ts";
import type { Env } from "../host.ts";
import { quote } from "../text.ts";

const DEFAULT_MAX_AGE_DAYS = 90;

/** `AWS_VAULT_KEY_MAX_AGE`: the age in days from which a key is old, such as `90d`; 0: never. Throws `bad-usage`. */
export function readMaxAge(env: Env): number {
  const text = env.get("AWS_VAULT_KEY_MAX_AGE");
  if (!text) return DEFAULT_MAX_AGE_DAYS;
  const days = /^(\d{1,5})d?$/.exec(text)?.[1];
  if (days !== undefined) return Number(days);
  throw new VaultError(
    "bad-usage",
    `Cannot understand AWS_VAULT_KEY_MAX_AGE ${quote(text)}: write days as 90d, or 0 for never`,
  );
}
