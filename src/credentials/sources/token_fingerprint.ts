import type { CanonicalValue } from "../../cache/canonical.ts";
import type { Secret } from "../../secret.ts";
import { readClaims } from "../token_claims.ts";

/** Claims that differ between two tokens of the same identity (RFC 7519, 4.1). */
const OF_ONE_TOKEN = new Set(["exp", "iat", "nbf", "jti"]);

/**
 * The identity in a token: all its claims except those of the single token, so `iss`, `sub`, `aud`,
 * the session tags and others.
 *
 * Not only the three: a trust policy may check other claims, too, and a job that it refuses would
 * get the cached credentials of one that it accepts. A token that is not a JWT, or contains a
 * number too large to be exact here, is its own identity; it is part of a hash, never stored.
 */
export function tokenFingerprint(token: Secret): CanonicalValue {
  const claims = readClaims(token.reveal());
  if (claims === undefined) return { token: token.reveal() };
  const lasting = Object.entries(claims).filter(([name]) => !OF_ONE_TOKEN.has(name));
  return { claims: lasting.map(([name, value]) => [name, JSON.stringify(value)]).sort() };
}
