import { createHmac, randomBytes } from "node:crypto";
import type { User } from "./users.ts";
import { denied } from "./refusal.ts";

/** An MFA device in the description of a user. */
export interface MfaSpec {
  /** The last part of its serial number; the name of the user by default. */
  readonly name?: string;
  /** A FIDO security key: IAM lists it, and no code is of it. */
  readonly isSecurityKey?: boolean;
  /**
   * The codes that it accepts, each once, in any order; `"any"`: whatever has six digits, each once.
   * Without them it is a real TOTP device with a secret of its own.
   */
  readonly codes?: readonly string[] | "any";
  /** The TOTP secret in base32; a random one by default. */
  readonly secret?: string;
}

const STEP_MS = 30_000;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A virtual MFA device, whose every code works once (RFC 6238 section 5.2, and so does AWS). */
export class MfaDevice {
  readonly serial: string;
  readonly enabledMs: number;
  /** The TOTP secret in base32, for a program that makes codes from it. */
  readonly secret: string;
  readonly #codes: ReadonlySet<string> | "any" | undefined;
  readonly #used = new Set<string>();
  #lastStep = -1;
  /** By how many windows AWS knows its clock to be ahead. */
  #ahead = 0;

  constructor(serial: string, spec: MfaSpec, nowMs: number) {
    this.serial = serial;
    this.enabledMs = nowMs;
    this.secret = spec.secret ?? [...randomBytes(64)].map((byte) => BASE32[byte % 32]).join("");
    this.#codes = Array.isArray(spec.codes) ? new Set(spec.codes) : spec.codes as "any" | undefined;
  }

  /** The code of the time, offset by windows of 30 seconds. */
  codeAt(nowMs: number, windows = 0): string {
    return totp(this.secret, Math.floor(nowMs / STEP_MS) + windows);
  }

  /** Uses up a code, and says whether it was good. A TOTP code may be one window early or late. */
  accept(code: string, nowMs: number): boolean {
    if (this.#codes !== undefined) return this.#acceptListed(code);
    const now = Math.floor(nowMs / STEP_MS) + this.#ahead;
    const step = [now - 1, now, now + 1].find((step) =>
      step > this.#lastStep && totp(this.secret, step) === code
    );
    if (step === undefined) return false;
    this.#lastStep = step;
    return true;
  }

  /**
   * Takes two codes of windows that follow each other, the second one of at most so many windows away, and
   * says whether they were that. From then on it is known how far the device's clock is ahead.
   */
  synchronize(first: string, second: string, nowMs: number, windows: number): boolean {
    if (this.#codes !== undefined) return this.#acceptListed(first) && this.#acceptListed(second);
    const now = Math.floor(nowMs / STEP_MS);
    for (let ahead = -windows; ahead <= windows; ahead++) {
      const step = now + ahead;
      if (step - 1 <= this.#lastStep) continue;
      if (totp(this.secret, step - 1) !== first || totp(this.secret, step) !== second) continue;
      this.#ahead = Math.abs(ahead) <= 1 ? 0 : ahead;
      this.#lastStep = step;
      return true;
    }
    return false;
  }

  #acceptListed(code: string): boolean {
    const known = this.#codes === "any" ? /^\d{6}$/.test(code) : this.#codes!.has(code);
    if (!known || this.#used.has(code)) return false;
    this.#used.add(code);
    return true;
  }
}

/** RFC 6238 with SHA-1, six digits. */
function totp(secret: string, step: number): string {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const mac = createHmac("sha1", decodeBase32(secret)).update(new Uint8Array(counter.buffer))
    .digest();
  const offset = mac[19]! & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

function decodeBase32(text: string): Uint8Array {
  const bits = [...text].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0"));
  return Uint8Array.from(bits.join("").match(/.{8}/g) ?? [], (byte) => parseInt(byte, 2));
}

/**
 * Checks `SerialNumber` and `TokenCode`, and returns whether an MFA device was shown.
 *
 * An MFA device belongs to a user: without one behind the caller (a role's session) AWS refuses.
 */
export function showMfa(
  params: ReadonlyMap<string, string>,
  user: User | undefined,
  nowMs: number,
): boolean {
  const serial = params.get("SerialNumber");
  const code = params.get("TokenCode");
  if (serial === undefined && code === undefined) return false;
  if (serial === undefined || code === undefined) {
    throw denied(
      "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
    );
  }
  const device = user?.devices.find((device) => device.serial === serial);
  if (device === undefined) {
    throw denied(
      "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
    );
  }
  if (!device.accept(code, nowMs)) {
    throw denied("MultiFactorAuthentication failed with invalid MFA one time pass code.");
  }
  return true;
}
