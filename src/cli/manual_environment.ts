/** The environment variables and files in the manual; a test compares them with the sources. */

import type { Backend } from "../backend.ts";
import type { BackendOption } from "../backend_option.ts";
import { defaultOf } from "./flags.ts";

/** A term and its meaning, a sentence without a full stop. */
export type Explained = readonly [term: string, meaning: string];

/** Variables of this program: the equivalent of a flag, or a setting that has no flag. */
export function ownVariables(backends: readonly Backend[]): readonly Explained[] {
  const options = new Set(backends.flatMap(({ options }) => Object.values(options)));
  return [...GENERAL_VARIABLES, ...[...options].flatMap(explainVariable), ...OTHER_VARIABLES];
}

function explainVariable(option: BackendOption): Explained[] {
  const { variable, flag, kind, brief } = option;
  if (variable === undefined) return [];
  const alone = [brief, ...defaultOf(option)].join(" ");
  const asFlag = kind === "boolean" ? `As ${flag}, where it is true` : `As ${flag}`;
  return [[variable, flag === undefined ? alone : asFlag]];
}

const GENERAL_VARIABLES: readonly Explained[] = [
  ["AWS_VAULT_BACKEND", "As --backend"],
  ["AWS_VAULT_PROMPT", "As --prompt"],
  ["AWS_VAULT_DURATION", "As --duration"],
  ["AWS_VAULT_BROWSER", "As --browser"],
  ["AWS_VAULT_STDOUT", "As --no-browser, where it is true"],
  ["AWS_VAULT_PROFILE_ENV", "As --profile-env, where it is neither empty nor false"],
  ["AWS_VAULT_AUTO_LOGOUT", "As --auto-logout, where it is true"],
];

const OTHER_VARIABLES: readonly Explained[] = [
  ["AWS_VAULT_PICKER", "fzf: pick profiles with fzf, instead of the built-in list"],
  ["NO_COLOR", "If not empty: no colour at a terminal"],
  ["CLICOLOR_FORCE", "If neither empty nor 0: colour even if the output is not a terminal"],
  ["CLICOLOR", "0: no colour at a terminal"],
  ["AWS_VAULT_KEY_MAX_AGE", "Age from which a key is reported as old (default 90d, 0 for never)"],
  ["AWS_VAULT_ALLOW_HTTP", "Hosts that requests may go to without TLS, besides this machine"],
  ["AWS_VAULT_LOG", "off: record no uses (see log); journald, syslog: record them in that log"],
  ["AWS_VAULT_AGENT", "The name of the coding agent that runs aws-vault"],
  ["AWS_VAULT_AGENTS", "What coding agents get: allow, read-only, confirm or refuse"],
  ["AWS_VAULT_STATE_DIR", "Folder of the cached sessions (default ~/.awsvault/state)"],
  ["AWS_VAULT_CERTIFICATE_PASSPHRASE", "The passphrase of a certificate's file"],
  ["PASS_OATH_CREDENTIAL_NAME", "The name of the code in pass, for --prompt pass"],
  ["OP_OATH_ITEM", "The item of 1Password that has the code, by name or ID, for --prompt op"],
  ["YKMAN_OATH_CREDENTIAL_NAME", "The name of the code on the YubiKey, for --prompt ykman"],
  ["YKMAN_OATH_DEVICE_SERIAL", "The YubiKey to ask, for --prompt ykman"],
  ["AWS_VAULT_YKMAN_VERSION", "The major version of ykman, if older than 4"],
];

/** Variables that AWS's own tools also read. */
export const AWS_VARIABLES: readonly Explained[] = [
  ["AWS_PROFILE", "The profile, if a command names none"],
  ["AWS_CONFIG_FILE", "The config file (default ~/.aws/config)"],
  ["AWS_SHARED_CREDENTIALS_FILE", "What import reads (default ~/.aws/credentials)"],
  ["AWS_REGION, AWS_DEFAULT_REGION", "The region, in this order"],
  ["AWS_MFA_SERIAL", "As the setting mfa_serial"],
  ["AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME", "As the settings of these names, of the profile named"],
  ["AWS_SESSION_TAGS, AWS_TRANSITIVE_TAGS", "Session tags, of the profile named"],
  ["AWS_SOURCE_IDENTITY", "As the setting source_identity, of the profile named"],
  ["AWS_ASSUME_ROLE_TTL", "Lifetime of the credentials of a role (default 1h)"],
  ["AWS_SESSION_TOKEN_TTL", "Lifetime of a session for a command or SDK (default 1h)"],
  ["AWS_FEDERATION_TOKEN_TTL", "Lifetime of a key's sign-in to the console (default 1h)"],
  ["AWS_CHAINED_SESSION_TOKEN_TTL", "Lifetime of a session that roles are assumed with (8h)"],
  ["AWS_MIN_TTL", "Cached credentials with less time left are not used (default 5m)"],
  ["AWS_STS_REGIONAL_ENDPOINTS", "regional (default) or legacy"],
  ["AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL_IAM", "Where requests go instead"],
  ["AWS_ENDPOINT_URL_SSO, AWS_ENDPOINT_URL_SSO_OIDC", "The same, for Identity Center"],
  ["BROWSER", "The browser for sign-in pages, if nothing else names one"],
  ["AWS_ENDPOINT_URL_SIGNIN", "Where login gets its sign-in token instead"],
  ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "Whether the URLs are ignored"],
  ["AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT", "Kinds of endpoint, if true"],
  ["AWS_CA_BUNDLE", "A file of certificates to trust besides the system's"],
  ["AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY", "What add --env stores"],
  ["HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY", "Proxies, also in lower case"],
];

/** Variables that exec sets for its child. */
export const CHILD_VARIABLES: readonly Explained[] = [
  ["AWS_VAULT", "The profile's name"],
  ["AWS_REGION, AWS_DEFAULT_REGION", "The profile's region, where it has one"],
  ["AWS_ENDPOINT_URL", "The profile's endpoint, where it has one"],
  ["AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN", "The credentials"],
  ["AWS_SECURITY_TOKEN", "The session token again, for old SDKs"],
  ["AWS_PROFILE", "The profile's name, with --profile-env, and no credentials"],
  ["AWS_CREDENTIAL_EXPIRATION", "When the credentials end"],
  ["AWS_EC2_METADATA_DISABLED", "true, so that SDKs do not use the machine's role instead"],
];

/** Files and folders that the program reads and writes; back ends declare theirs in their rows. */
export function ownFiles(backends: readonly Backend[]): readonly Explained[] {
  const places = backends.flatMap(({ name, options }) =>
    Object.values(options).map((option) => explainPlace(name, option))
  );
  return [["~/.aws/config", "Profiles"], ...places.filter((row) => row !== undefined), ...STATE];
}

/** The default place of an option. */
function explainPlace(backend: string, option: BackendOption): Explained | undefined {
  if (!option.flag || !option.namesPlace || option.default === undefined) return undefined;
  const end = option.placeholder === "folder" ? "/" : "";
  return [option.default + end, `${option.brief}, the back end ${backend}`];
}

const STATE: readonly Explained[] = [
  ["~/.awsvault/state/sessions.db", "Cached credentials, encrypted by a key in the keystore"],
  ["~/.awsvault/state/uses.jsonl", "The record of uses (see log)"],
  ["~/.awsvault/state/", "Locks with which parallel processes wait for each other"],
];
