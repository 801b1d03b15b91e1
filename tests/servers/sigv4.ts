/**
 * Verification of AWS Signature Version 4, written from AWS's description of it ("Create a signed AWS
 * API request") and sharing nothing with the code that it judges.
 */

import { createHash, createHmac } from "node:crypto";
import { headerValues, type WireRequest } from "./http.ts";
import { Refusal } from "./refusal.ts";

/** What the `Authorization` header and the date say, before anything is believed. */
export interface Claim {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `X-Amz-Date`: `20260101T000000Z`. */
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
}

const SKEW_MS = 15 * 60 * 1000;

/** Reads the claim of a request; throws {@linkcode Refusal} where the header is not complete. */
export function parseClaim(request: WireRequest): Claim {
  const [header, ...more] = headerValues(request, "authorization");
  if (header === undefined || more.length > 0) {
    throw new Refusal(
      403,
      "MissingAuthenticationToken",
      "Request is missing Authentication Token",
    );
  }
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/
      .exec(header);
  if (match === null) {
    throw incomplete(`Authorization header is not understood: '${header.slice(0, 40)}…'`);
  }
  const [, accessKeyId = "", date = "", region = "", service = "", names = "", signature = ""] =
    match;
  const timestamps = headerValues(request, "x-amz-date");
  if (timestamps.length !== 1) throw incomplete("Authorization header requires one 'X-Amz-Date'.");
  const tokens = headerValues(request, "x-amz-security-token");
  if (tokens.length > 1) throw incomplete("More than one 'X-Amz-Security-Token'.");
  return {
    accessKeyId,
    date,
    region,
    service,
    signedHeaders: names.split(";"),
    signature,
    timestamp: timestamps[0]!,
    sessionToken: tokens[0],
  };
}

/**
 * Checks everything that the claim binds: the date against the clock (15 minutes either way), the
 * signed headers (sorted, `host` and every `x-amz-` header among them), the payload, the signature.
 */
export function verifyClaim(
  request: WireRequest,
  claim: Claim,
  secretAccessKey: string,
  nowMs: number,
): void {
  verifyDate(claim, nowMs);
  verifySignedHeaders(request, claim);
  const payload = sha256(request.body);
  const declared = headerValues(request, "x-amz-content-sha256")[0];
  if (declared !== undefined && declared !== payload) throw mismatch();
  if (signatureOf(request, claim, secretAccessKey, payload) !== claim.signature) throw mismatch();
}

function verifyDate(claim: Claim, nowMs: number): void {
  const sentMs = parseTimestamp(claim.timestamp);
  if (sentMs === undefined || !claim.timestamp.startsWith(claim.date)) {
    throw new Refusal(
      403,
      "SignatureDoesNotMatch",
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${claim.date}' != '${
        claim.timestamp.slice(0, 8)
      }', from '${claim.timestamp}'.`,
    );
  }
  const [now, earliest, latest] = [nowMs, nowMs - SKEW_MS, nowMs + SKEW_MS].map(formatTimestamp);
  if (sentMs < nowMs - SKEW_MS) {
    throw new Refusal(
      403,
      "SignatureDoesNotMatch",
      `Signature expired: ${claim.timestamp} is now earlier than ${earliest} (${now} - 15 min.)`,
    );
  }
  if (sentMs > nowMs + SKEW_MS) {
    throw new Refusal(
      403,
      "SignatureDoesNotMatch",
      `Signature not yet current: ${claim.timestamp} is still later than ${latest} (${now} + 15 min.)`,
    );
  }
}

function verifySignedHeaders(request: WireRequest, claim: Claim): void {
  const names = claim.signedHeaders;
  const sorted = [...new Set(names)].sort();
  if (sorted.join(";") !== names.join(";")) throw mismatch();
  const present = new Set(request.headers.map(([name]) => name.toLowerCase()));
  const needed = ["host", ...[...present].filter((name) => name.startsWith("x-amz-"))];
  const unsigned = needed.filter((name) => !names.includes(name));
  if (unsigned.length > 0) {
    throw new Refusal(
      403,
      "SignatureDoesNotMatch",
      `There were headers present in the request which were not signed: ${unsigned.join(", ")}`,
    );
  }
  if (names.some((name) => !present.has(name))) throw mismatch();
}

function signatureOf(
  request: WireRequest,
  claim: Claim,
  secretAccessKey: string,
  payload: string,
): string {
  const [path = "/", query = ""] = request.target.split("?", 2);
  const headers = claim.signedHeaders.map((name) => {
    const values = headerValues(request, name).map((value) => value.trim().replace(/ +/g, " "));
    return `${name}:${values.join(",")}\n`;
  });
  const canonical = [
    request.method,
    path,
    query.split("&").sort().join("&"),
    headers.join(""),
    claim.signedHeaders.join(";"),
    payload,
  ].join("\n");
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", claim.timestamp, scope, sha256(canonical)].join("\n");
  const key = scope.split("/").reduce<string | Uint8Array>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    "AWS4" + secretAccessKey,
  );
  return createHmac("sha256", key).update(text).digest("hex");
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** `20260101T000000Z` as milliseconds, or `undefined` where it is not such a date. */
function parseTimestamp(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

function formatTimestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");
}

function incomplete(message: string): Refusal {
  return new Refusal(400, "IncompleteSignature", message);
}

function mismatch(): Refusal {
  return new Refusal(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
  );
}
