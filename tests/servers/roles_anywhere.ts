/**
 * IAM Roles Anywhere: CreateSession, which verifies the certificate, its chain, its dates and the signature
 * with `node:crypto`, and shares nothing with the code that it judges.
 */

import { createHash, verify, X509Certificate } from "node:crypto";
import { headerValues, type WireRequest } from "./http.ts";
import type { SsoCall, SsoResult } from "./oidc.ts";
import { Refusal } from "./refusal.ts";
import { createRoleSession } from "./role_session.ts";
import type { World } from "./world.ts";
import { renderInstant } from "./xml.ts";

type Handler = (call: SsoCall, world: World) => SsoResult;

export const ROLES_ANYWHERE_ACTIONS: Readonly<Record<string, readonly [string, Handler]>> = {
  "POST /sessions": ["CreateSession", createSession],
};

/** A trust anchor: the authorities of an account whose certificates are taken. */
interface Anchor {
  /** PEM. */
  readonly authority: string;
}

/** A profile: the roles that may be assumed. */
interface AnywhereProfile {
  readonly roleArns: readonly string[];
  readonly acceptsSessionName: boolean;
}

/** What an account has set up. */
export class RolesAnywhere {
  readonly anchors = new Map<string, Anchor>();
  readonly profiles = new Map<string, AnywhereProfile>();
  /** The certificates that were shown with the last request, the leaf first: their subjects. */
  shown: readonly string[] = [];

  /** Sets up one of both, and gives the settings of a profile that uses them. */
  setUp(
    authority: string,
    roleArns: readonly string[],
    { region = "us-east-1", partition = "aws", acceptsSessionName = true } = {},
  ): Record<string, string> {
    const base = `arn:${partition}:rolesanywhere:${region}:111122223333`;
    const anchor = `${base}:trust-anchor/11111111-2222-3333-4444-555555555555`;
    const profile = `${base}:profile/66666666-7777-8888-9999-000000000000`;
    this.anchors.set(anchor, { authority });
    this.profiles.set(profile, { roleArns, acceptsSessionName });
    return {
      rolesanywhere_trust_anchor_arn: anchor,
      rolesanywhere_profile_arn: profile,
      role_arn: roleArns[0]!,
    };
  }
}

function denied(message: string): Refusal {
  return new Refusal(403, "AccessDeniedException", message);
}

function invalid(message: string): Refusal {
  return new Refusal(400, "ValidationException", message);
}

interface Body {
  readonly durationSeconds?: number;
  readonly profileArn: string;
  readonly roleArn: string;
  readonly trustAnchorArn: string;
  readonly roleSessionName?: string;
}

function createSession({ request, nowMs, note }: SsoCall, world: World): SsoResult {
  const body = readBody(request);
  note.subject = body.roleArn.split("/").at(-1)!;
  const { leaf, chain } = certificatesOf(request);
  world.rolesAnywhere.shown = [leaf, ...chain].map(({ subject }) => subject);
  const region = verifySignature(request, leaf, nowMs);
  const anchor = world.rolesAnywhere.anchors.get(body.trustAnchorArn);
  const profile = world.rolesAnywhere.profiles.get(body.profileArn);
  if (
    anchor === undefined || profile === undefined || body.trustAnchorArn.split(":")[3] !== region
  ) {
    throw new Refusal(404, "ResourceNotFoundException", "Trust anchor or profile not found");
  }
  verifyChain(leaf, chain, new X509Certificate(anchor.authority), nowMs);
  const role = world.roles.find((one) => one.arn === body.roleArn);
  if (
    role === undefined || !profile.roleArns.includes(role.arn) ||
    !role.trusts.includes("rolesanywhere.amazonaws.com")
  ) throw denied("Unable to assume role for arn: " + body.roleArn);
  if (body.roleSessionName !== undefined && !profile.acceptsSessionName) {
    throw denied("Profile does not accept custom role session name");
  }
  const serial = leaf.serialNumber.toLowerCase();
  note.by = "certificate";
  const name = body.roleSessionName ?? serial;
  const seconds = Math.min(body.durationSeconds ?? 3600, role.maxSessionSeconds);
  const { session, arn, userId } = createRoleSession(world, {
    ...{ role, name, seconds, sourceIdentity: leaf.subject.slice(0, 64) },
    isChained: true,
  });
  return {
    status: 201,
    json: {
      credentialSet: [{
        assumedRoleUser: { arn, assumedRoleId: userId },
        credentials: {
          accessKeyId: session.id,
          secretAccessKey: session.secret,
          sessionToken: session.token,
          expiration: renderInstant(session.expiresMs),
        },
        packedPolicySize: 1,
        roleArn: role.arn,
        sourceIdentity: leaf.subject,
      }],
      subjectArn: `${body.trustAnchorArn.replace(/trust-anchor.*/, "subject/")}${role.id}`,
    },
  };
}

const ARN = /^arn:aws[a-z-]*:[a-z]+:[a-z0-9-]*:\d{12}:[\w/+=,.@-]+$/;

function readBody(request: WireRequest): Body {
  if (headerValues(request, "content-type").join() !== "application/json") {
    throw invalid("content-type");
  }
  const body = JSON.parse(new TextDecoder().decode(request.body));
  const known = ["durationSeconds", "profileArn", "roleArn", "trustAnchorArn", "roleSessionName"];
  for (const name of Object.keys(body)) if (!known.includes(name)) throw invalid(name);
  for (const name of ["profileArn", "roleArn", "trustAnchorArn"]) {
    if (!ARN.test(body[name] ?? "")) throw invalid(name);
  }
  const { durationSeconds = 3600, roleSessionName = "ok" } = body;
  if (!Number.isInteger(durationSeconds) || durationSeconds < 900 || durationSeconds > 43_200) {
    throw invalid("Duration must be between 900 and 43200");
  }
  if (!/^[\w+=,.@-]{2,64}$/.test(roleSessionName)) throw invalid("roleSessionName");
  return body;
}

function certificatesOf(request: WireRequest) {
  const one = (text: string) => {
    try {
      return new X509Certificate(new Uint8Array(Uint8Array.fromBase64(text)));
    } catch {
      throw invalid("a certificate is not base64 of DER");
    }
  };
  const [leaf, ...more] = headerValues(request, "x-amz-x509");
  if (leaf === undefined || more.length > 0) throw denied("Missing certificate");
  const [chain = ""] = headerValues(request, "x-amz-x509-chain");
  const others = chain === "" ? [] : chain.split(",").map(one);
  if (others.length > 5) throw invalid("the chain is too long");
  return { leaf: one(leaf), chain: others };
}

/** From the leaf, each signed by the next, to the authority; which is not to be sent. */
function verifyChain(
  leaf: X509Certificate,
  chain: readonly X509Certificate[],
  authority: X509Certificate,
  nowMs: number,
): void {
  if (leaf.ca) throw denied("Untrusted certificate. It is an authority's");
  if (leaf.keyUsage !== undefined && !leaf.keyUsage.includes("DigitalSignature")) {
    throw denied("Untrusted certificate. Invalid key usage");
  }
  const path = [leaf, ...chain, authority];
  for (const [i, certificate] of path.slice(0, -1).entries()) {
    const issuer = path[i + 1]!;
    const isSigned = certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
    if (!isSigned || !issuer.ca) throw denied("Untrusted certificate. Insufficient certificate");
  }
  for (const { validFrom, validTo } of path) {
    if (Date.parse(validFrom) > nowMs || Date.parse(validTo) <= nowMs) {
      throw denied("Untrusted signing certificate. It is not valid now");
    }
  }
}

const CLAIM =
  /^(AWS4-X509-(RSA|ECDSA)-SHA256) Credential=(\d+)\/(\d{8})\/([a-z0-9-]+)\/rolesanywhere\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]+)$/;

/** Gives the region that the request is signed for. */
function verifySignature(request: WireRequest, leaf: X509Certificate, nowMs: number): string {
  const [header, ...more] = headerValues(request, "authorization");
  const [, algorithm, family, serial, day, region, names = "", signature = ""] =
    CLAIM.exec(header ?? "") ?? [];
  if (algorithm === undefined || more.length > 0) throw denied("Missing or malformed signature");
  if (BigInt(serial!) !== BigInt(`0x${leaf.serialNumber}`)) throw denied("Serial does not match");
  const [date = ""] = headerValues(request, "x-amz-date");
  const sentMs = Date.parse(
    date.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"),
  );
  if (!date.startsWith(day!) || !(Math.abs(sentMs - nowMs) < 5 * 60_000)) {
    throw new Refusal(403, "InvalidSignatureException", "Signature expired");
  }
  const signed = names.split(";");
  const present = request.headers.map(([name]) => name.toLowerCase());
  const needed = ["host", "content-type", ...present.filter((name) => name.startsWith("x-amz-"))];
  if (signed.toSorted().join() !== signed.join() || needed.some((name) => !signed.includes(name))) {
    throw denied("Headers are not signed");
  }
  const canonical = [
    "POST",
    "/sessions",
    "",
    ...signed.map((name) => `${name}:${headerValues(request, name).join(",")}`),
    "",
    names,
    createHash("sha256").update(request.body).digest("hex"),
  ].join("\n");
  const scope = `${day}/${region}/rolesanywhere/aws4_request`;
  const hash = createHash("sha256").update(canonical).digest("hex");
  const text = new TextEncoder().encode([algorithm, date, scope, hash].join("\n"));
  const isOfKey = (leaf.publicKey.asymmetricKeyType === "ec") === (family === "ECDSA");
  if (!isOfKey || !verify("sha256", text, leaf.publicKey, Uint8Array.fromHex(signature))) {
    throw denied("Invalid signature");
  }
  return region!;
}
