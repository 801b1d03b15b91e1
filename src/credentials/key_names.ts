/**
 * The kinds of keyring items, by their names (docs/formats.md, "Item names").
 *
 * aws-vault 7 keeps its sessions and tokens in the same keyring as the keys. They must never be
 * listed, used or removed as credentials, and credentials must never be mistaken for a session
 * because of an odd profile name (the clean-up of aws-vault 7 matches `x session (1)` and deletes
 * it): so only a name that decodes exactly counts as a session.
 */

import { DATA_KEY_NAME } from "../keyring.ts";

const PENDING_PREFIX = "aws-vault-pending:";
const REPLACED_PREFIX = "aws-vault-replaced:";
const CERTIFICATE_PREFIX = "aws-vault-certificate:";
const TOTP_PREFIX = "aws-vault-totp:";
const ENROLLING_PREFIX = "aws-vault-enrolling:";
const TOKEN_PREFIX = "oidc:";
const SESSION_TYPES = new Set([
  "session",
  "sts.GetSessionToken",
  "sts.AssumeRole",
  "sts.AssumeRoleWithWebIdentity",
  "sso.GetRoleCredentials",
  "credential_process",
]);

/** The kind of an item: a long-term key, an item of ours, or aws-vault 7's session or token. */
export type ItemKind =
  | "credential"
  | "data-key"
  | "pending"
  | "replaced"
  | "certificate"
  | "totp"
  | "enrolling"
  | "foreign-session"
  | "foreign-token";

/** The kind of an item, by its name. */
export function classifyItem(name: string): ItemKind {
  if (name === DATA_KEY_NAME) return "data-key";
  if (name.startsWith(TOKEN_PREFIX)) return "foreign-token";
  if (name.startsWith(PENDING_PREFIX)) return "pending";
  if (name.startsWith(REPLACED_PREFIX)) return "replaced";
  if (name.startsWith(CERTIFICATE_PREFIX)) return "certificate";
  if (name.startsWith(TOTP_PREFIX)) return "totp";
  if (name.startsWith(ENROLLING_PREFIX)) return "enrolling";
  return foreignSessionProfile(name) === undefined ? "credential" : "foreign-session";
}

/** The name of the item with the progress of a profile's pending rotation. */
export function pendingName(profile: string): string {
  return PENDING_PREFIX + profile;
}

/** The name of the item that holds the certificate of the profile and its private key. */
export function certificateName(profile: string): string {
  return CERTIFICATE_PREFIX + profile;
}

/** The profile in the name of a pending rotation's item, or `undefined` for any other name. */
export function pendingProfile(name: string): string | undefined {
  return name.startsWith(PENDING_PREFIX) ? name.slice(PENDING_PREFIX.length) : undefined;
}

/** The name of the item that holds the seed of an MFA device (`add --mfa-secret`). */
export function totpName(serial: string): string {
  return TOTP_PREFIX + serial;
}

/** The name of the item with the seed of a device until `mfa enroll` has finished. */
export function enrollingName(serial: string): string {
  return ENROLLING_PREFIX + serial;
}

/** The device whose seed an item holds, stored or being enrolled; `undefined` for any other name. */
export function seedSerial(name: string): string | undefined {
  const prefix = [TOTP_PREFIX, ENROLLING_PREFIX].find((prefix) => name.startsWith(prefix));
  return prefix && name.slice(prefix.length);
}

/** Whether an item belongs to an unfinished enrollment. */
export function isEnrolling(name: string): boolean {
  return classifyItem(name) === "enrolling";
}

/** A long-term key that was replaced by another one. */
export interface ReplacedKey {
  /** The name of the item that holds it. */
  readonly name: string;
  readonly profile: string;
  readonly replaced: Temporal.Instant;
}

/** The name of the item that keeps a key of the profile after its replacement at that instant. */
export function replacedName(profile: string, replaced: Temporal.Instant): string {
  return `${REPLACED_PREFIX}${replaced.epochMilliseconds}:${profile}`;
}

/** The replaced keys among the names of a keyring, newest first. */
export function replacedKeys(names: readonly string[]): ReplacedKey[] {
  const keys = names.flatMap((name): ReplacedKey[] => {
    const [, ms, profile] = /^aws-vault-replaced:(\d{1,15}):(.+)$/s.exec(name) ?? [];
    if (ms === undefined || profile === undefined) return [];
    return [{ name, profile, replaced: Temporal.Instant.fromEpochMilliseconds(Number(ms)) }];
  });
  return keys.sort((a, b) => Temporal.Instant.compare(b.replaced, a.replaced));
}

/** The profile that a session of aws-vault 7 belongs to, or `undefined` for any other name. */
export function foreignSessionProfile(name: string): string | undefined {
  const parts = name.split(",");
  if (parts.length !== 4 || !SESSION_TYPES.has(parts[0]!) || !/^\d+$/.test(parts[3]!)) {
    return undefined;
  }
  const profile = decodeBase64Url(parts[1]!);
  return decodeBase64Url(parts[2]!) === undefined || profile === "" ? undefined : profile;
}

/** The text, or `undefined` unless it is the one unpadded base64url spelling of UTF-8 text. */
function decodeBase64Url(text: string): string | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
