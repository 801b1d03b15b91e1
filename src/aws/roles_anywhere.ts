/** IAM Roles Anywhere: credentials of a role in exchange for a certificate (User Guide, "CreateSession API"). */

import type { Credentials } from "../credentials.ts";
import { Secret } from "../secret.ts";
import { quote } from "../text.ts";
import { AnswerReader, callRest, type RestCaller } from "./rest_json.ts";
import type { AwsDeps, AwsFault } from "./send.ts";
import { signWithCertificate, type X509Signer } from "./sign_x509.ts";

/** The parameters of {@linkcode createSession}. */
export interface CreateSessionRequest {
  readonly trustAnchorArn: string;
  readonly profileArn: string;
  readonly roleArn: string;
  /** 900 to 43,200. */
  readonly durationSeconds: number;
  /** Accepted only by profiles that allow it; absent: the certificate's serial number. */
  readonly roleSessionName?: string | undefined;
}

/** How much later than requested an expiration may be: clocks differ. */
const TOLERANCE_SECONDS = 5 * 60;

/** Gets credentials of a role. Only the certificate's key signs the request. */
export async function createSession(
  deps: AwsDeps,
  caller: RestCaller & { readonly region: string },
  signer: X509Signer,
  request: CreateSessionRequest,
): Promise<Credentials> {
  const action = "CreateSession";
  const { durationSeconds, profileArn, roleArn, trustAnchorArn, roleSessionName } = request;
  const body = {
    durationSeconds,
    profileArn,
    roleArn,
    trustAnchorArn,
    ...roleSessionName !== undefined && { roleSessionName },
  };
  const path = "/sessions";
  const answer = await callRest(deps, {
    ...caller,
    action,
    subject: `role ${quote(roleArn)}`,
    retry: "always",
    method: "POST",
    path,
    body,
    freshHeaders: (now) =>
      signWithCertificate(
        { url: caller.url + path, body: JSON.stringify(body), region: caller.region, now },
        signer,
      ),
    isSigned: true,
    requires: ["credentialSet"],
    explain,
  });
  return readCredentials(deps, new AnswerReader(action, answer), durationSeconds);
}

function readCredentials(
  { clock, skew }: AwsDeps,
  answer: AnswerReader,
  durationSeconds: number,
): Credentials {
  const [set] = answer.list("credentialSet");
  if (set === undefined) throw answer.bad("it has no credentials");
  const read = set.member("credentials");
  const now = clock.now().add({ milliseconds: skew?.offsetMs ?? 0 });
  const accountId = set.member("assumedRoleUser").text("arn").split(":")[4] ?? "";
  return {
    accessKeyId: read.text("accessKeyId", /^\w{1,128}$/),
    secretAccessKey: new Secret(read.text("secretAccessKey")),
    sessionToken: new Secret(read.text("sessionToken")),
    expiration: boundExpiration(read, now, durationSeconds),
    ...(/^\d{12}$/.test(accountId) ? { accountId } : {}),
  };
}

/** Shortened to the request: credentials that never end would be cached forever. */
function boundExpiration(read: AnswerReader, now: Temporal.Instant, durationSeconds: number) {
  const text = read.text("expiration");
  let expiration;
  try {
    expiration = Temporal.Instant.from(text);
  } catch {
    throw read.bad("its expiration is not a time");
  }
  if (Temporal.Instant.compare(expiration, now) <= 0) {
    throw read.bad("its credentials have expired", ["Check this machine's clock"]);
  }
  const latest = now.add({ seconds: durationSeconds + TOLERANCE_SECONDS });
  const isLater = Temporal.Instant.compare(expiration, latest) > 0;
  return isLater ? now.add({ seconds: durationSeconds }) : expiration;
}

function explain({ code }: AwsFault): readonly string[] {
  switch (code) {
    case "AccessDeniedException":
      return [
        "Check that the trust anchor has the authority of this certificate, that the Roles Anywhere " +
        "profile lists the role, and that the role trusts rolesanywhere.amazonaws.com",
      ];
    case "ResourceNotFoundException":
      return [
        "Check rolesanywhere_trust_anchor_arn, rolesanywhere_profile_arn and their region",
      ];
    default:
      return [];
  }
}
