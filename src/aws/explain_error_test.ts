import assert from "node:assert/strict";
import { explainRefusal, type Refusal } from "./explain_error.ts";

const CALL: Refusal = {
  action: "AssumeRole",
  service: "sts",
  awsCode: "AccessDenied",
  awsMessage: "",
  isSession: false,
  showsMfaCode: false,
  answerWasLost: false,
};

const BAD_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
const INVALID = "The security token included in the request is invalid";

/** AWS's refusals, in its words, and the words of ours that must help. */
const ROWS: readonly [name: string, refusal: Partial<Refusal>, hints: readonly RegExp[]][] = [
  ["a wrong code", { awsMessage: BAD_CODE, showsMfaCode: true }, [
    /A code works once/,
    /mfa_serial/,
  ]],
  ["a code that a lost try used up", {
    awsMessage: BAD_CODE,
    showsMfaCode: true,
    answerWasLost: true,
  }, [/may have used up the code/]],
  ["another user's device", {
    awsMessage: "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify " +
      "your MFA serial number is valid and associated with this user.",
    showsMfaCode: true,
  }, [/^Check mfa_serial/]],
  ["GetSessionToken from a session", {
    action: "GetSessionToken",
    awsMessage: "Cannot call GetSessionToken with session credentials",
    isSession: true,
  }, [/^GetSessionToken works with a long-term key only.*--no-session/]],
  ["GetFederationToken from a session", {
    action: "GetFederationToken",
    awsMessage: "Cannot call GetFederationToken with session credentials",
    isSession: true,
  }, [/^GetFederationToken works with a long-term key only/]],
  ["GetSessionToken denied without an MFA device", {
    action: "GetSessionToken",
    awsMessage: "User: arn:aws:iam::1:user/me is not authorized to perform: sts:GetSessionToken " +
      "with an explicit deny",
  }, [/set mfa_serial/, /--no-session/]],
  ["IAM with a session without MFA", {
    action: "GetUser",
    service: "iam",
    awsCode: "InvalidClientTokenId",
    awsMessage: INVALID,
    isSession: true,
  }, [/without MFA: set mfa_serial/, /--no-session/]],
  ["a session that is not valid here", {
    awsCode: "InvalidClientTokenId",
    awsMessage: INVALID,
    isSession: true,
  }, [/another partition/, /sts_regional_endpoints/]],
  ["a key that AWS does not know", {
    action: "GetSessionToken",
    awsCode: "InvalidClientTokenId",
    awsMessage: INVALID,
  }, [/deleted or made inactive/, /just created/]],
  ["a wrong secret", {
    awsCode: "SignatureDoesNotMatch",
    awsMessage: "The request signature we calculated does not match the signature you provided.",
  }, [/secret access key/]],
  ["a region that is not the endpoint's", {
    awsCode: "SignatureDoesNotMatch",
    awsMessage: "Credential should be scoped to a valid region, not 'us-east-2'.",
  }, [/check region and endpoint_url/]],
  ["an expired session", {
    awsCode: "ExpiredToken",
    awsMessage: "The security token included in the request is expired",
    isSession: true,
  }, [/clear the cached sessions/]],
  ["an expired web identity", {
    action: "AssumeRoleWithWebIdentity",
    awsCode: "ExpiredTokenException",
    awsMessage: "Token expired: current date/time 1 must be before the expiration date/time 0",
  }, [/web identity token/]],
  ["a region that is off", {
    awsCode: "RegionDisabledException",
    awsMessage: "STS is not activated in this region for account:123456789012. Your account " +
      "administrator can activate STS in this region using the IAM Console.",
  }, [/choose another region/]],
  ["a role from a role for too long", {
    awsCode: "ValidationError",
    awsMessage: "The requested DurationSeconds exceeds the 1 hour session limit for roles " +
      "assumed by role chaining.",
    isSession: true,
  }, [/at most one hour/]],
  ["a role for too long", {
    awsCode: "ValidationError",
    awsMessage: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  }, [/MaxSessionDuration/]],
  ["a role that does not trust the caller", {
    awsMessage: "User: u is not authorized to perform: sts:AssumeRole on resource: r",
  }, [/role_arn, source_profile and external_id/, /set mfa_serial/]],
  ["a third access key", {
    action: "CreateAccessKey",
    service: "iam",
    awsCode: "LimitExceeded",
    awsMessage: "Cannot exceed quota for AccessKeysPerUser: 2",
  }, [/two access keys/]],
  ["what is not usual", { awsCode: "MalformedPolicyDocument", awsMessage: "Syntax error" }, []],
  ["a denial of IAM that says it all", { action: "GetUser", service: "iam" }, []],
];

for (const [name, refusal, expected] of ROWS) {
  Deno.test(`explainRefusal() explains ${name}`, () => {
    const hints = explainRefusal({ ...CALL, ...refusal });
    assert.equal(hints.length, expected.length, hints.join("\n"));
    for (const [index, pattern] of expected.entries()) assert.match(hints[index]!, pattern);
  });
}
