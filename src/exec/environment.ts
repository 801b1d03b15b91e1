import type { Credentials } from "../credentials.ts";
import {
  AWS_KEY_VARIABLES,
  HELPER_MARK,
  isOwnSecret,
  PROFILE_CHAIN,
} from "../helper_environment.ts";
import type { Secret } from "../secret.ts";
import { directVariables } from "./direct_variables.ts";
import { isShellVariable } from "./shell_state.ts";

/**
 * Every variable, current or old, from which an SDK takes credentials or their source.
 *
 * A leftover variable sends the SDK to another account than the person named
 * (https://github.com/99designs/aws-vault/issues/248). Sources: the AWS CLI's and SDKs' lists of
 * environment variables; AWS_CREDENTIAL_FILE is boto 2's.
 */
const STALE: ReadonlySet<string> = new Set([
  ...AWS_KEY_VARIABLES,
  "AWS_CREDENTIAL_FILE",
  "AWS_CREDENTIAL_EXPIRATION",
  "AWS_SESSION_EXPIRATION",
  "AWS_SDK_LOAD_CONFIG",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_ROLE_ARN",
  "AWS_ROLE_SESSION_NAME",
]);

const OF_HELPERS: ReadonlySet<string> = new Set([HELPER_MARK, PROFILE_CHAIN]);

/** The variables that `--keep-profile` keeps. */
const PROFILE_NAMES: ReadonlySet<string> = new Set(["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]);

/**
 * The account of the credentials beside it: SDKs read both together and call that account's endpoints.
 * Without credentials it is a name that people's own scripts use, and is kept.
 */
const ACCOUNT = "AWS_ACCOUNT_ID";

/** The variables that make SDKs bypass a metadata service, or the role that it names. */
const METADATA = /^AWS_EC2_(METADATA_|INSTANCE_PROFILE_NAME$)/;

/** Where SDKs look for a metadata service by themselves. */
const METADATA_HOST = "169.254.169.254";

/** How the child gets its credentials. */
export type CredentialAccess =
  | { readonly kind: "credentials"; readonly credentials: Credentials }
  /** A container credential endpoint (`--ecs-server`). */
  | {
    readonly kind: "container";
    readonly uri: string;
    /** The token, or the path of the file that holds it (`--token-file`). */
    readonly token: Secret | { readonly file: string };
  }
  /** The name alone: SDKs obtain the profile's credentials by themselves (`--profile-env`). */
  | { readonly kind: "profile"; readonly name: string }
  /** An instance metadata service (`--ec2-server`), at its usual address or another. */
  | { readonly kind: "metadata"; readonly endpoint?: string | undefined };

/** What {@linkcode renderChildEnvironment} sets in the environment. */
export interface ChildEnvironment {
  readonly profile: string;
  /** Region, endpoints and certificates, as variables. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  readonly access: CredentialAccess;
  /** Whether `AWS_PROFILE` and `AWS_DEFAULT_PROFILE` stay. */
  readonly keepProfile?: boolean | undefined;
  /** Whether to ignore the case of variable names: true on Windows. */
  readonly ignoreCase?: boolean | undefined;
}

/**
 * The whole environment of the child of `exec`: the parent's, without any other credentials or our
 * own secrets, plus the profile's name, region, endpoint and credentials
 * (docs/formats.md, "Environment of the child of exec").
 */
export function renderChildEnvironment(
  parent: Readonly<Record<string, string>>,
  child: ChildEnvironment,
): Record<string, string> {
  const { profile, settings, access } = child;
  const set: Record<string, string> = {
    AWS_VAULT: profile,
    ...settings,
    ...credentialVariables(parent, access),
    ...serverVariables(parent, child),
  };
  const spelled = (given: string) => child.ignoreCase ? given.toUpperCase() : given;
  const hadKey = Object.keys(parent).some((given) => spelled(given) === "AWS_ACCESS_KEY_ID");
  const kept = Object.entries(parent).filter(([given]) => {
    const name = spelled(given);
    return !(name in set) && !isDropped(name, child) && !(name === ACCOUNT && hadKey);
  });
  return { ...Object.fromEntries(kept), ...set };
}

function isDropped(name: string, child: ChildEnvironment): boolean {
  if (PROFILE_NAMES.has(name)) return !child.keepProfile;
  if (child.access.kind === "metadata" && METADATA.test(name)) return true;
  // The command may outlive the helper that starts it (`src/credentials/helper_chain.ts`).
  return STALE.has(name) || OF_HELPERS.has(name) || isShellVariable(name) || isOwnSecret(name);
}

/** Whether a variable is part of credentials, or names their owner or expiration. */
export function isCredentialVariable(name: string): boolean {
  return AWS_KEY_VARIABLES.has(name) || OF_CREDENTIALS.has(name);
}

const OF_CREDENTIALS: ReadonlySet<string> = new Set([
  "AWS_VAULT",
  "AWS_CREDENTIAL_EXPIRATION",
  "AWS_SESSION_EXPIRATION",
]);

function credentialVariables(
  parent: Readonly<Record<string, string>>,
  access: CredentialAccess,
): Record<string, string> {
  switch (access.kind) {
    case "credentials":
      return { ...noMetadata(parent), ...renderCredentialVariables(access.credentials) };
    case "profile":
      return { ...noMetadata(parent), AWS_PROFILE: access.name };
    case "container":
      return {
        ...noMetadata(parent),
        AWS_CONTAINER_CREDENTIALS_FULL_URI: access.uri,
        ...tokenVariable(access.token),
      };
    case "metadata":
      return access.endpoint === undefined
        ? {}
        : { AWS_EC2_METADATA_SERVICE_ENDPOINT: access.endpoint };
  }
}

/** What a server needs besides its own variables. */
function serverVariables(
  parent: Readonly<Record<string, string>>,
  { access, ignoreCase }: ChildEnvironment,
): Record<string, string> {
  const host = serverHost(access);
  return host === undefined ? {} : directVariables(parent, host, ignoreCase);
}

/** The host of the server that the child asks, as `NO_PROXY` lists it. */
function serverHost(access: CredentialAccess): string | undefined {
  if (access.kind !== "container" && access.kind !== "metadata") return undefined;
  const url = access.kind === "container" ? access.uri : access.endpoint;
  return url === undefined ? METADATA_HOST : new URL(url).hostname.replace(/^\[|\]$/g, "");
}

/** Sets only one of the two variables: SDKs differ in which they use if both are set. */
function tokenVariable(token: Secret | { readonly file: string }): Record<string, string> {
  return "file" in token
    ? { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token.file }
    : { AWS_CONTAINER_AUTHORIZATION_TOKEN: token.reveal() };
}

/**
 * Keeps SDKs from waiting for a metadata service, or taking the machine's role when our credentials expire
 * (SDK reference, "IMDS credential provider").
 */
function noMetadata(parent: Readonly<Record<string, string>>): Record<string, string> {
  return { AWS_EC2_METADATA_DISABLED: parent["AWS_EC2_METADATA_DISABLED"] ?? "true" };
}

/**
 * Credentials as environment variables. The token is also in `AWS_SECURITY_TOKEN`, for boto 2 and its
 * contemporaries; the expiration is in whole seconds, since some SDKs cannot read anything else.
 */
function renderCredentialVariables(credentials: Credentials): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials;
  const token = sessionToken?.reveal();
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey.reveal(),
    ...(token === undefined ? {} : { AWS_SESSION_TOKEN: token, AWS_SECURITY_TOKEN: token }),
    ...(expiration === undefined
      ? {}
      : { AWS_CREDENTIAL_EXPIRATION: expiration.toString({ smallestUnit: "second" }) }),
  };
}
