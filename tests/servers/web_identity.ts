/** An OpenID Connect provider that the fake AWS trusts, and the STS action that takes its tokens. */

import { Buffer } from "node:buffer";
import { generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { type Action, type ActionCall, secondsOf } from "./action.ts";
import type { ParameterRules } from "./parameters.ts";
import { denied, invalid, Refusal } from "./refusal.ts";
import { createRoleSession } from "./role_session.ts";
import type { Role } from "./roles.ts";
import { policiesOf } from "./session_policies.ts";
import { type Caller, renderCredentials } from "./sessions.ts";
import type { XmlElements } from "./xml.ts";

const AUDIENCE = "sts.amazonaws.com";
const ISSUER = "https://tokens.example";

/** The claims of a token, besides those that the provider fills in. */
export interface TokenClaims {
  readonly sub: string;
  readonly iss?: string;
  readonly aud?: string;
  readonly [claim: string]: unknown;
}

/** Issues and verifies tokens (RFC 7519, ES256). */
export class IdentityProvider {
  readonly #keys: { publicKey: KeyObject; privateKey: KeyObject };
  #issued = 0;

  constructor() {
    this.#keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  }

  /** A token of five minutes; no two are the same. */
  issue(claims: TokenClaims, nowMs: number): string {
    const iat = Math.floor(nowMs / 1000);
    const payload = {
      iss: ISSUER,
      aud: AUDIENCE,
      iat,
      exp: iat + 300,
      jti: `${++this.#issued}`,
      ...claims,
    };
    const text = [{ alg: "ES256", typ: "JWT" }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    const key = { key: this.#keys.privateKey, dsaEncoding: "ieee-p1363" } as const;
    return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
  }

  /** The claims of a token that this provider issued; throws what AWS answers for any other. */
  verify(token: string, nowMs: number): TokenClaims & { exp: number } {
    const [header = "", payload = "", signature = ""] = token.split(".");
    const key = { key: this.#keys.publicKey, dsaEncoding: "ieee-p1363" } as const;
    const signed = Buffer.from(`${header}.${payload}`);
    if (!verify("sha256", signed, key, Buffer.from(signature, "base64url"))) {
      throw new Refusal(400, "InvalidIdentityToken", "Couldn't verify the token's signature");
    }
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    if (claims.iss !== ISSUER || claims.aud !== AUDIENCE) {
      throw new Refusal(400, "InvalidIdentityToken", "Incorrect token audience");
    }
    if (claims.exp * 1000 <= nowMs) {
      throw new Refusal(400, "ExpiredTokenException", "Token expired");
    }
    return claims;
  }
}

const RULES: ParameterRules = {
  RoleArn: { required: true, length: [20, 2048] },
  RoleSessionName: { required: true, length: [2, 64], pattern: /^[\w+=,.@-]*$/ },
  WebIdentityToken: { required: true, length: [4, 20_000] },
  ProviderId: { length: [4, 2048] },
  Policy: { length: [1, 2048] },
  "PolicyArns.member.N.arn": { length: [20, 2048], atMost: 10 },
  DurationSeconds: { range: [900, 43200] },
};

export const assumeRoleWithWebIdentity: Action = {
  rules: RULES,
  defaultSeconds: 3600,
  isUnsigned: true,
  run,
};

function run({ params, nowMs, world }: ActionCall): XmlElements {
  const claims = world.provider.verify(params.get("WebIdentityToken")!, nowMs);
  const role = world.roles.find((role) => role.arn === params.get("RoleArn"));
  if (role === undefined || !role.subjects.includes(claims.sub)) {
    throw denied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
  }
  const durationSeconds = secondsOf(params, 3600);
  if (durationSeconds > role.maxSessionSeconds) {
    throw invalid(
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  }
  return answer(role, claims, durationSeconds, { params, world });
}

function answer(
  role: Role,
  claims: TokenClaims,
  durationSeconds: number,
  { params, world }: Pick<ActionCall, "params" | "world">,
): XmlElements {
  const name = params.get("RoleSessionName")!;
  const { session, arn, userId } = createRoleSession(world, {
    ...{ role, name, seconds: durationSeconds },
    policies: policiesOf(params),
  });
  return {
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
    Credentials: renderCredentials(session),
    SubjectFromWebIdentityToken: claims.sub,
    Provider: ISSUER,
    Audience: AUDIENCE,
  };
}

/** Who sends an unsigned request: nobody but what the token says, which is not verified yet. */
export function callerOfToken(token: string | undefined): Caller {
  const payload = token?.split(".")[1] ?? "";
  let subject = "";
  try {
    subject = JSON.parse(Buffer.from(payload, "base64url").toString()).sub;
  } catch {
    // Shown as a token of nobody.
  }
  const arn = `token/${subject}`;
  return {
    arn,
    userId: "",
    account: "",
    user: undefined,
    key: undefined,
    session: undefined,
    mfa: false,
  };
}
