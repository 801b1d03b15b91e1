/** How credentials are printed: pure text for shells, files and SDKs. */

import type { Credentials } from "../credentials.ts";
import type { CredentialFlags } from "./context.ts";

/** What `export --format` takes. */
export type ExportFormat = "env" | "export-env" | "json" | "ini";

/** The flags of `export`. */
export interface ExportFlags extends CredentialFlags {
  readonly format?: ExportFormat | undefined;
}

/** What is printed. */
export interface ExportedCredentials {
  readonly profile: string;
  readonly region: string | undefined;
  readonly credentials: Credentials;
}

/** Renders credentials in a format, with a newline at the end. */
export function renderCredentials(format: ExportFormat, exported: ExportedCredentials): string {
  if (format === "json") return renderProcessJson(exported.credentials) + "\n";
  if (format === "ini") return renderIni(exported);
  const prefix = format === "export-env" ? "export " : "";
  return variables(exported).map(([name, value]) => `${prefix}${name}=${value}\n`).join("");
}

/**
 * The object that SDKs read from a `credential_process` (AWS SDKs reference, "Process credential
 * provider"): a field that is not known is absent, as an empty one would be taken for a value.
 */
function renderProcessJson(credentials: Credentials): string {
  const fields = {
    Version: 1,
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey.reveal(),
    SessionToken: credentials.sessionToken?.reveal(),
    Expiration: credentials.expiration && formatInstant(credentials.expiration),
    AccountId: credentials.accountId,
  };
  return JSON.stringify(fields, null, 2);
}

function renderIni(exported: ExportedCredentials): string {
  const { credentials } = exported;
  const lines = [
    `[${exported.profile}]`,
    `aws_access_key_id=${credentials.accessKeyId}`,
    `aws_secret_access_key=${credentials.secretAccessKey.reveal()}`,
    ...(credentials.sessionToken ? [`aws_session_token=${credentials.sessionToken.reveal()}`] : []),
    ...(credentials.expiration
      ? [`aws_credential_expiration=${formatInstant(credentials.expiration)}`]
      : []),
    ...(exported.region === undefined ? [] : [`region=${exported.region}`]),
  ];
  return lines.join("\n") + "\n";
}

function variables({ credentials, region }: ExportedCredentials): [string, string][] {
  const token = credentials.sessionToken?.reveal();
  const expiration = credentials.expiration && formatInstant(credentials.expiration);
  const all: [string, string | undefined][] = [
    ["AWS_ACCESS_KEY_ID", credentials.accessKeyId],
    ["AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey.reveal()],
    ["AWS_SESSION_TOKEN", token],
    ["AWS_CREDENTIAL_EXPIRATION", expiration],
    ["AWS_REGION", region],
    ["AWS_DEFAULT_REGION", region],
  ];
  return all.filter((variable): variable is [string, string] => variable[1] !== undefined);
}

/** ISO 8601 in UTC to the second, the only form that every SDK parses. */
export function formatInstant(instant: Temporal.Instant): string {
  // A fraction is cut off by hand: to have Temporal do it takes four times as long on a cached call.
  return instant.toString().replace(/\.\d+Z$/, "Z");
}
