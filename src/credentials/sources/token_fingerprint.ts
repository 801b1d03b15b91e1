import type { CanonicalValue } from "../../cache/canonical.ts";
import type { Secret } from "../../secret.ts";
import { readClaims } from "../token_claims.ts";

/** Claims that differ between two tokens of one identity (RFC 7519, 4.1). */
const OF_ONE_TOKEN = new Set(["exp", "iat", "nbf", "jti"]);

/**
 * Whose token it is: all its claims but those of the one token, such as `iss`, `sub`, `aud` and the
 * session tags.
 *
 * Not the three claims alone: a trust policy may ask for others too, and a job that it refuses would
 * get the credentials of one that it accepts from the cache. A token that is not a JWT, or has a number
 * that cannot be distinguished from its neighbours here, stands for itself; it is part of a hash, never stored.
 */
export function tokenFingerprint(token: Secret): CanonicalValue {
  const claims = readClaims(token.reveal());
  if (claims === undefined) return { token: token.reveal() };
  const lasting = Object.entries(claims).filter(([name]) => !OF_ONE_TOKEN.has(name));
  return { claims: lasting.map(([name, value]) => [name, JSON.stringify(value)]).sort() };
}
