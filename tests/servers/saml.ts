/**
 * A SAML identity provider that the fake AWS trusts, and the STS action that takes its assertions.
 *
 * Its signature is over the bytes of the assertion and not over canonical XML (XML Signature): what is judged
 * here is what callers do with an assertion, which is to pass it on unchanged.
 */

import { createHmac, randomBytes } from "node:crypto";
import { type Action, type ActionCall, secondsOf } from "./action.ts";
import type { ParameterRules } from "./parameters.ts";
import { denied, invalid, Refusal } from "./refusal.ts";
import { createRoleSession } from "./role_session.ts";
import { policiesOf } from "./session_policies.ts";
import { type Caller, renderCredentials } from "./sessions.ts";
import type { XmlElements } from "./xml.ts";

const RULES: ParameterRules = {
  RoleArn: { required: true, length: [20, 2048] },
  PrincipalArn: { required: true, length: [20, 2048] },
  SAMLAssertion: { required: true, length: [4, 100_000], pattern: /^[A-Za-z0-9+/]+={0,2}$/ },
  Policy: { length: [1, 2048] },
  "PolicyArns.member.N.arn": { length: [20, 2048], atMost: 10 },
  DurationSeconds: { range: [900, 43200] },
};

export const assumeRoleWithSaml: Action = {
  rules: RULES,
  defaultSeconds: 3600,
  isUnsigned: true,
  run,
};

/** How an assertion is made. */
export interface AssertionSpec {
  readonly subject?: string;
  /** The ARNs of roles, each with the provider. */
  readonly roles: readonly string[];
  readonly lifeSeconds?: number;
}

export const PROVIDER = "arn:aws:iam::111122223333:saml-provider/corp";

/** The provider; each assertion may be used for as long as it lives, as with AWS. */
export class SamlProvider {
  readonly #key = randomBytes(32);

  /** A response in base64, with a prefix of namespaces as Active Directory writes it. */
  issue({ subject = "ann", roles, lifeSeconds = 300 }: AssertionSpec, nowMs: number): string {
    const values = roles.map((role, i) =>
      // Both orders are in use.
      `<AttributeValue>${
        i % 2 === 0 ? `${role},${PROVIDER}` : ` ${PROVIDER}, ${role}\n`
      }</AttributeValue>`
    );
    const until = new Date(nowMs + lifeSeconds * 1000).toISOString();
    const assertion =
      `<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_${
        randomBytes(8).toString("hex")
      }"><Subject><NameID>${subject}</NameID><SubjectConfirmation><SubjectConfirmationData NotOnOrAfter="${until}"/></SubjectConfirmation></Subject><AttributeStatement>` +
      `<Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><AttributeValue>${subject}</AttributeValue></Attribute>` +
      `<Attribute Name="https://aws.amazon.com/SAML/Attributes/Role">${
        values.join("")
      }</Attribute></AttributeStatement></Assertion>`;
    const text =
      `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${assertion}<!--${
        this.#sign(assertion)
      }--></samlp:Response>`;
    return btoa(text);
  }

  /** What a response says; throws what AWS answers for one that this provider did not make. */
  verify(response: string, nowMs: number) {
    const [, assertion = "", signature] = /^<[^>]+>(.*)<!--(\w+)--><\/samlp:Response>$/s
      .exec(atob(response)) ?? [];
    if (this.#sign(assertion) !== signature) {
      throw new Refusal(400, "InvalidIdentityToken", "Response signature invalid");
    }
    if (Date.parse(/NotOnOrAfter="([^"]+)"/.exec(assertion)![1]!) <= nowMs) {
      throw new Refusal(
        400,
        "ExpiredTokenException",
        "Token must be redeemed within 5 minutes of issuance",
      );
    }
    return { subject: /<NameID>([^<]+)</.exec(assertion)![1]!, assertion };
  }

  #sign(text: string): string {
    return createHmac("sha256", this.#key).update(text).digest("hex");
  }
}

/** Whom a response is shown as, which is not verified yet. */
export function callerOfAssertion(response: string): Caller {
  let subject = "";
  try {
    subject = /<NameID>([^<]+)</.exec(atob(response))?.[1] ?? "";
  } catch {
    // Shown as one of nobody.
  }
  return {
    arn: `saml/${subject}`,
    userId: "",
    account: "",
    user: undefined,
    key: undefined,
    session: undefined,
    mfa: false,
  };
}

function run({ params, nowMs, world }: ActionCall): XmlElements {
  const { subject, assertion } = world.samlProvider.verify(params.get("SAMLAssertion")!, nowMs);
  const roleArn = params.get("RoleArn")!;
  const role = world.roles.find((role) => role.arn === roleArn);
  if (
    role === undefined || params.get("PrincipalArn") !== PROVIDER ||
    !role.trusts.includes(PROVIDER) || !assertion.includes(`${roleArn}<`) &&
      !assertion.includes(`${roleArn},`) && !assertion.includes(`${roleArn}\n`)
  ) throw denied("Not authorized to perform sts:AssumeRoleWithSAML");
  const durationSeconds = secondsOf(params, 3600);
  if (durationSeconds > role.maxSessionSeconds) {
    throw invalid(
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  }
  const { session, arn, userId } = createRoleSession(world, {
    ...{ role, name: subject, seconds: durationSeconds },
    policies: policiesOf(params),
  });
  return {
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
    Credentials: renderCredentials(session),
    Subject: subject,
    SubjectType: "persistent",
    Issuer: "https://idp.example",
    Audience: "https://signin.aws.amazon.com/saml",
    NameQualifier: "x",
  };
}
