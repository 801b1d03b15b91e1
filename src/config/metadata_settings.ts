/** How a machine's metadata service is called: settings and variables that SDKs read. */

import type { Env } from "../host.ts";
import { quote } from "../text.ts";
import { checkUrl } from "./endpoint_settings.ts";
import type { ProfileSettingsSource } from "./inherit.ts";
import { asBoolean, asWord, fromEnv, fromSetting, type Sourced } from "./setting_values.ts";

/** Where and how the instance metadata service of EC2 is called. */
export interface MetadataSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** `AWS_EC2_METADATA_DISABLED`. */
  readonly isDisabled: boolean;
  /** Only version 2, with its token. */
  readonly isV1Disabled: boolean;
  /** The role, if its name is set and need not be requested. */
  readonly roleName?: string;
  /** For one request, 1 to 60 s. */
  readonly timeoutMs: number;
  /** How often a request is sent, 1 to 10. */
  readonly attempts: number;
}

/** Amazon EC2 User Guide, "Access instance metadata for an EC2 instance". */
const ENDPOINTS = { ipv4: "http://169.254.169.254", ipv6: "http://[fd00:ec2::254]" } as const;

/** The service itself has no TLS. */
const HOSTS = ["169.254.169.254", "[fd00:ec2::254]"];

/**
 * Resolves the settings of the instance metadata service (SDK reference, "IMDS credential provider";
 * botocore, `InstanceMetadataFetcher`).
 *
 * Plain http is allowed to the service's own addresses, which no router forwards, and otherwise as for any
 * endpoint: the answer contains credentials, which anybody on the network path could read and replace.
 */
export function resolveMetadata(settings: ProfileSettingsSource, env: Env): MetadataSettings {
  const pick = (variable: string, key: string) =>
    fromEnv(env, variable) ?? fromSetting(settings.getText(key));
  const mode = asWord(
    pick("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode"),
    ["ipv4", "ipv6"],
  );
  const endpoint = pick("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
  const roleName = pick("AWS_EC2_INSTANCE_PROFILE_NAME", "ec2_instance_profile_name");
  return {
    endpoint: endpoint === undefined ? ENDPOINTS[mode ?? "ipv4"] : checkEndpoint(endpoint, env),
    isDisabled: asBoolean(fromEnv(env, "AWS_EC2_METADATA_DISABLED")),
    isV1Disabled: asBoolean(pick("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled")),
    ...roleName && { roleName: checkRoleName(roleName) },
    timeoutMs: 1000 *
      number(pick("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout"), 60),
    attempts: number(
      pick("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts"),
      10,
    ),
  };
}

function checkEndpoint(source: Sourced, env: Env): string {
  const url = URL.parse(source.text);
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username === "" &&
    url.password === "" && url.search === "" && url.hash === "";
  if (isPlain) {
    checkUrl(source, env, HOSTS);
    return url.href.replace(/\/+$/, "");
  }
  throw source.bad(`${quote(source.text)} is not an http or https URL of a host`);
}

/** The name becomes part of a path, so it must not be `.` or `..`. */
function checkRoleName(source: Sourced): string {
  if (/^(?!\.{1,2}$)[\w+=,.@-]{1,128}$/.test(source.text)) return source.text;
  throw source.bad(`${quote(source.text)} is not a role's name`);
}

function number(source: Sourced | undefined, most: number): number {
  if (source === undefined) return 1;
  const value = Number(source.text);
  if (/^\d+$/.test(source.text) && value >= 1 && value <= most) return value;
  throw source.bad(`${quote(source.text)} is not a number from 1 to ${most}`);
}
