/** The roles in a SAML assertion: read here to choose one, but verified only by AWS. */

import { parseXml, type XmlElement } from "../aws/xml.ts";
import { VaultError } from "../errors.ts";
import { Secret } from "../secret.ts";

/** A role that an assertion offers, and the identity provider that the role trusts. */
export interface SamlRole {
  readonly roleArn: string;
  readonly providerArn: string;
}

/** STS API reference, AssumeRoleWithSAML: SAMLAssertion. */
const LONGEST = 100_000;

/**
 * A SAML response as printed, in base64 with or without line breaks. Throws `bad-config`, naming
 * `where`, if it is empty, too long or not base64; never quotes it, since anyone who has it can
 * assume the role.
 */
export function parseAssertion(printed: string, where: string): Secret {
  const bad = (why: string) =>
    new VaultError("bad-config", `There is no SAML assertion in ${where}: ${why}`, {
      hints: ["It must print the SAMLResponse in base64, and nothing else"],
    });
  const text = printed.replaceAll(/\s+/g, "");
  if (text === "") throw bad("it is empty");
  if (text.length > LONGEST) {
    throw bad(`it has ${text.length} characters, and STS accepts ${LONGEST}`);
  }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw bad("it is not base64");
  return new Secret(text);
}

/**
 * The roles of an assertion, in its order, each once (IAM User Guide, "Configure SAML assertions
 * for the authentication response"); `undefined` if it is encrypted or not SAML.
 */
export async function readRoles(assertion: Secret): Promise<readonly SamlRole[] | undefined> {
  const root = await parseXml(decode(assertion));
  if (root === undefined) return undefined;
  const assertions = root.name === "Assertion" ? [root] : root.all("Assertion");
  if (assertions.length === 0) return undefined;
  const values = assertions.flatMap((one) => one.all("AttributeStatement"))
    .flatMap((statement) => statement.all("Attribute"))
    .flatMap((attribute) => attribute.all("AttributeValue"));
  const roles = new Map(values.flatMap(roleOf).map((role) => [role.roleArn, role]));
  return [...roles.values()];
}

function decode(assertion: Secret): string {
  try {
    return new TextDecoder().decode(Uint8Array.fromBase64(assertion.reveal()));
  } catch {
    return "";
  }
}

/** `ROLE,PROVIDER` in either order; all other attributes have other forms. */
function roleOf(value: XmlElement): SamlRole[] {
  const arns = (value.text() ?? "").split(",").map((arn) => arn.trim());
  const [roleArn] = arns.filter((arn) => /^arn:[a-z-]+:iam::\d{12}:role\/[\x21-\x7e]+$/.test(arn));
  const [providerArn] = arns.filter((arn) =>
    /^arn:[a-z-]+:iam::\d{12}:saml-provider\/[\x21-\x7e]+$/.test(arn)
  );
  return roleArn === undefined || providerArn === undefined || arns.length !== 2
    ? []
    : [{ roleArn, providerArn }];
}
