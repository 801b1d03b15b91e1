/** One call that the fake AWS saw, for comparison as a whole. */
export interface Call {
  readonly service: string;
  readonly action: string;
  /** Without `Action` and `Version`; the code of an MFA device is `[code]`. */
  readonly params: Readonly<Record<string, string>>;
  readonly accessKeyId: string;
  /** The caller's ARN; empty where the signature was not accepted. */
  readonly principal: string;
  /** The region in the credential scope. */
  readonly region: string;
  /** For actions that give credentials: the life that was asked for, or the default. */
  readonly durationSeconds: number | undefined;
  /** Whether this call showed an MFA code that was accepted. */
  readonly mfa: boolean;
  /** What the call is about, where its parameters do not say it. */
  readonly subject?: string;
  /** The HTTP status of the answer; 0 where none was sent. */
  readonly status: number;
  /** AWS's error code, absent for a success. */
  readonly error?: string;
}

/**
 * A call in one line: `GetSessionToken by user/jonsmith for 3600s with MFA`,
 * `AssumeRole foo-admin by session/jonsmith for 3600s`, `GetUser by key/jonsmith -> 403 AccessDenied`.
 *
 * The caller is `key/USER` for a long-term key, `session/USER` for a user's temporary credentials,
 * `role/ROLE` for a role's, `token/SUBJECT` and `saml/SUBJECT` for an unsigned call with a token or an assertion, `sso/PERSON` for one with an
 * access token of Identity Center, `certificate` for one of a certificate's key, `client` for one of a registered client, `machine` and `container` for requests of one, and `nobody` where none is known.
 */
export function renderCall(call: Call): string {
  const words = [call.action, ...subject(call), "by", callerOf(call)];
  if (call.durationSeconds !== undefined) words.push(`for ${call.durationSeconds}s`);
  if (call.mfa) words.push("with MFA");
  if (call.status !== 200) words.push("->", call.status === 0 ? "no answer" : `${call.status}`);
  if (call.error !== undefined) words.push(call.error);
  return words.join(" ");
}

function subject(call: Call): string[] {
  if (call.subject !== undefined) return call.subject === "" ? [] : [call.subject];
  const account = call.params.TargetPrincipal;
  if (account !== undefined) return [account, call.params["TaskPolicyArn.arn"]!.split("/").at(-1)!];
  const arn = call.params.RoleArn;
  return arn === undefined ? [] : [arn.split("/").at(-1)!];
}

function callerOf(call: Call): string {
  if (call.principal === "") return "nobody";
  if (/^(token\/|saml\/|sso\/|(certificate|client|machine|container)$)/.test(call.principal)) {
    return call.principal;
  }
  const name = call.principal.split(":").at(-1)!.split("/");
  if (name[0] === "assumed-role") return `role/${name[1]}`;
  if (name[0] === "assumed-root") return `root/${call.principal.split(":")[4]}`;
  if (name[0] === "federated-user") return `federated/${name[1]}`;
  return `${call.accessKeyId.startsWith("ASIA") ? "session" : "key"}/${name[1]}`;
}
