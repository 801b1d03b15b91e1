/**
 * Prints credentials: pure text for shells, files and SDKs.
 *
 * Each format is quoted for its reader. A region, an account or a profile's name is text from a
 * config file, an environment or an answer: `region = $(command)` must not run in the shell that
 * evaluates the output, and a line break must not add another variable or section.
 */

import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { quote, quoteForShell } from "../text.ts";
import type { AccessFlags } from "./plan_access.ts";
import { appendToGithub, maskForGithub, requireGithubFile } from "./github_env.ts";

/** The values of `export --format`. */
export type ExportFormat =
  | "env"
  | "export-env"
  | "json"
  | "ini"
  | "fish"
  | "powershell"
  | "pwsh"
  | "cmd"
  | "nushell"
  | "dotenv"
  | "docker-env"
  | "systemd-env"
  | "github-env"
  | "terraform";

/** The flags of `export`. */
export interface ExportFlags extends AccessFlags {
  readonly format?: ExportFormat | undefined;
  readonly output?: string | undefined;
  /** In seconds. */
  readonly minTtl?: number | undefined;
  readonly forceRefresh?: boolean | undefined;
  readonly section?: string | undefined;
  /** In seconds. */
  readonly for?: number | undefined;
}

/** The data to print. */
export interface ExportedCredentials {
  readonly profile: string;
  readonly region: string | undefined;
  readonly credentials: Credentials;
}

/** Renders credentials in a format, with a newline at the end. */
export async function renderCredentials(
  format: ExportFormat,
  exported: ExportedCredentials,
): Promise<string> {
  return await FORMATS[format].render(exported);
}

/** Throws if a format cannot be used here, before anybody is asked for a code. */
export function checkFormat(host: Pick<Host, "env">, format: ExportFormat): void {
  FORMATS[format].check?.(host);
}

/** Adds the credentials to the file that the environment names, if the format writes to one. */
export function appendCredentials(
  host: Pick<Host, "env" | "files" | "random">,
  format: ExportFormat,
  exported: ExportedCredentials,
): void {
  FORMATS[format].append?.(host, variables(exported));
}

interface Format {
  /** Renders the output. */
  render(exported: ExportedCredentials): string | Promise<string>;
  /** Throws if the reader of the format is missing. */
  check?(host: Pick<Host, "env">): void;
  append?(
    host: Pick<Host, "env" | "files" | "random">,
    variables: readonly (readonly [name: string, value: string])[],
  ): void;
}

const FORMATS: Readonly<Record<ExportFormat, Format>> = {
  env: {
    render: (exported) =>
      renderVariables(exported, (name, value) => `${name}=${oneLine(name, value)}`),
  },
  "export-env": {
    render: (exported) =>
      renderVariables(exported, (name, value) => `export ${name}=${quoteForShell(value)}`),
  },
  json: { render: ({ credentials }) => renderProcessJson(credentials) + "\n" },
  ini: { render: renderIni },
  fish: others("fish"),
  powershell: others("powershell"),
  pwsh: others("powershell"),
  cmd: others("cmd"),
  nushell: others("nushell"),
  dotenv: others("dotenv"),
  "docker-env": others("dockerEnv"),
  "systemd-env": others("systemdEnv"),
  terraform: {
    render: async ({ region, credentials: { accountId } }) =>
      (await import("./terraform_block.ts")).renderTerraformBlock({ region, accountId }),
  },
  "github-env": {
    render: ({ credentials }) => maskForGithub(credentials),
    check: requireGithubFile,
    append: appendToGithub,
  },
};

/** A format whose rules are loaded on demand. */
function others(name: keyof typeof import("./variable_formats.ts")): Format {
  return {
    async render(exported) {
      const formats = await import("./variable_formats.ts");
      return renderVariables(exported, formats[name]);
    },
  };
}

function renderVariables(
  exported: ExportedCredentials,
  renderLine: (name: string, value: string) => string,
): string {
  return variables(exported).map(([name, value]) => renderLine(name, value) + "\n").join("");
}

/** Readers of `env` and `ini` do not support quotes: a value that does not fit on one line is refused. */
function oneLine(name: string, value: string): string {
  // deno-lint-ignore no-control-regex -- these are what is looked for
  if (!/[\x00-\x1f\x7f]/.test(value)) return value;
  throw new VaultError(
    "unsupported",
    `Cannot export ${name} in this format: its value has a line break or another control character`,
    { hints: ["Use --format=json, or correct the value"] },
  );
}

/**
 * The object that SDKs read from a `credential_process` (AWS SDKs reference, "Process credential
 * provider"): an unknown field is absent, because an empty one would be taken for a value.
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
  const { credentials, region } = exported;
  const settings: [string, string | undefined][] = [
    ["aws_access_key_id", credentials.accessKeyId],
    ["aws_secret_access_key", credentials.secretAccessKey.reveal()],
    ["aws_session_token", credentials.sessionToken?.reveal()],
    ["aws_credential_expiration", credentials.expiration && formatInstant(credentials.expiration)],
    ["region", region],
  ];
  const lines = present(settings).map(([name, value]) => `${name}=${iniValue(name, value)}\n`);
  return `[${sectionName(exported.profile)}]\n` + lines.join("");
}

/** A reader of `ini` strips blanks at the ends. */
function iniValue(name: string, value: string): string {
  if (value.trim() === value) return oneLine(name, value);
  throw new VaultError(
    "unsupported",
    `Cannot export ${name} as ini: its value begins or ends with a blank`,
    { hints: ["Use --format=json, or correct the value"] },
  );
}

function sectionName(profile: string): string {
  if (!profile.includes("]")) return oneLine("the profile's name", profile);
  throw new VaultError(
    "unsupported",
    `Cannot export profile ${quote(profile)} as ini: a section name cannot contain "]"`,
    { hints: ["Use --format=json or --format=env"] },
  );
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
  return present(all);
}

function present(all: readonly [string, string | undefined][]): [string, string][] {
  return all.filter((pair): pair is [string, string] => pair[1] !== undefined);
}

/** ISO 8601 in UTC to the second, the only form that every SDK parses. */
export function formatInstant(instant: Temporal.Instant): string {
  // A fraction is cut off by hand: Temporal takes four times as long for it in a cached call.
  return instant.toString().replace(/\.\d+Z$/, "Z");
}
