/** The claims of an identity token (RFC 7519): read, but not verified. */

import { VaultError } from "../errors.ts";
import { Secret } from "../secret.ts";
import { quote, shorten } from "../text.ts";

/**
 * The claims of a token, or `undefined` if it is not a JWT, or contains a number too large to be
 * exact here.
 */
export function readClaims(token: string): Record<string, unknown> | undefined {
  try {
    const payload = Uint8Array.fromBase64(token.split(".")[1] ?? "", { alphabet: "base64url" });
    const claims: unknown = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(payload),
      requireExact,
    );
    return typeof claims === "object" && claims !== null && !Array.isArray(claims) &&
        Object.keys(claims).length > 0
      ? claims as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}

/** Beyond 2^53, different numbers of two tokens are read as the same one. */
function requireExact(_name: string, value: unknown): unknown {
  if (typeof value !== "number" || Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  throw new RangeError("a number that is not exact");
}

/**
 * A token's subject, audience and expiration, which trust policies check; never the token itself,
 * with which anyone could assume the role.
 */
export function describeToken(token: Secret): string {
  const claims = readClaims(token.reveal());
  if (claims === undefined) return "The token is not a JWT";
  const text = (name: string) => {
    const value = claims[name];
    return typeof value === "string" ? quote(shorten(value, 200)) : JSON.stringify(value) ?? "none";
  };
  return `The token has aud ${text("aud")}, sub ${text("sub")}, exp ${formatEnd(claims["exp"])}`;
}

function formatEnd(exp: unknown): string {
  if (typeof exp !== "number") return "none";
  try {
    return Temporal.Instant.fromEpochMilliseconds(Math.trunc(exp * 1000)).toString();
  } catch {
    return String(exp);
  }
}

/**
 * A token from a file, a variable or a program, without the white space around it. Throws
 * `bad-config`, naming `where`, for an empty or invalid one.
 */
export function parseToken(text: string, where: string): Secret {
  const token = text.trim();
  if (token === "") {
    throw new VaultError("bad-config", `There is no token in ${where}: it is empty`);
  }
  if (/^[\x21-\x7e]+$/.test(token)) return new Secret(token);
  throw new VaultError(
    "bad-config",
    `There is no token in ${where}: it has ${
      /\s/.test(token) ? "white space or line breaks" : "characters outside ASCII"
    }`,
  );
}
