/** Where the requests of a profile go: settings and variables of AWS's endpoints. */

import type { Env } from "../host.ts";
import { isLoopback } from "../loopback.ts";
import { quote } from "../text.ts";
import type { ConfigFile } from "./config_file.ts";
import type { ProfileSettingsSource } from "./inherit.ts";
import { asBoolean, asList, asWord, fromEnv, fromSetting, type Sourced } from "./setting_values.ts";

const ALLOW_HTTP = "AWS_VAULT_ALLOW_HTTP";

/** Where requests go; for absent settings AWS's rules apply. */
export interface EndpointSettings {
  /** `legacy`: the global `sts.amazonaws.com` for the old regions; absent means `regional`. */
  readonly stsRegionalEndpoints?: "regional" | "legacy";
  /** For every service without a separate URL below. */
  readonly endpointUrl?: string;
  /** For STS; takes precedence over `endpointUrl`. */
  readonly stsEndpointUrl?: string;
  /** For IAM; takes precedence over `endpointUrl`. */
  readonly iamEndpointUrl?: string;
  /** The URLs of single services in the config file, by their variables. */
  readonly serviceUrls?: Readonly<Record<string, string>>;
  /** For the portal of IAM Identity Center; takes precedence over `endpointUrl`. */
  readonly ssoEndpointUrl?: string;
  /** For AWS Sign-In; takes precedence over `endpointUrl`. */
  readonly signinEndpointUrl?: string;
  /** For IAM Roles Anywhere; takes precedence over `endpointUrl`. */
  readonly rolesAnywhereEndpointUrl?: string;
  /** For the OIDC service of IAM Identity Center; takes precedence over `endpointUrl`. */
  readonly ssoOidcEndpointUrl?: string;
  readonly useFips: boolean;
  readonly useDualstack: boolean;
}

/**
 * Resolves the endpoint settings. For a URL the order is botocore's (`ConfiguredEndpointProvider`): the
 * service's variable, the general variable, the service's setting, the general setting.
 */
export function resolveEndpoint(
  config: ConfigFile,
  settings: ProfileSettingsSource,
  env: Env,
): EndpointSettings {
  const pick = (variable: string, key: string) =>
    fromEnv(env, variable) ?? fromSetting(settings.getText(key));
  const stsRegionalEndpoints = asWord(
    pick("AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints"),
    ["regional", "legacy"],
  );
  const isIgnored = asBoolean(
    pick("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"),
  );
  return {
    ...(stsRegionalEndpoints && { stsRegionalEndpoints }),
    ...(isIgnored ? {} : resolveUrls(config, settings, env)),
    useFips: asBoolean(pick("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")),
    useDualstack: asBoolean(pick("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")),
  };
}

/** The services that can have a separate URL, by their names in settings and variables. */
const SERVICES = {
  stsEndpointUrl: "sts",
  iamEndpointUrl: "iam",
  ssoEndpointUrl: "sso",
  ssoOidcEndpointUrl: "sso_oidc",
  signinEndpointUrl: "signin",
  rolesAnywhereEndpointUrl: "rolesanywhere",
} as const;

type Urls = Pick<EndpointSettings, "endpointUrl" | "serviceUrls" | keyof typeof SERVICES>;

function resolveUrls(config: ConfigFile, settings: ProfileSettingsSource, env: Env): Urls {
  const general = fromEnv(env, "AWS_ENDPOINT_URL");
  const service = (name: string) => {
    const own = fromEnv(env, `AWS_ENDPOINT_URL_${name.toUpperCase()}`);
    return own ?? (general === undefined ? serviceUrl(config, settings, name) : undefined);
  };
  const endpointUrl = general ?? fromSetting(settings.getText("endpoint_url"));
  const urls: Record<string, string> = {};
  if (endpointUrl !== undefined) urls["endpointUrl"] = checkUrl(endpointUrl, env);
  for (const [key, name] of Object.entries(SERVICES)) {
    const url = service(name);
    if (url !== undefined) urls[key] = checkUrl(url, env);
  }
  const serviceUrls = general === undefined ? otherUrls(config, settings, env) : {};
  return { ...urls, ...(Object.keys(serviceUrls).length > 0 && { serviceUrls }) };
}

/**
 * The URLs of all other services by their variables (SDK reference, "Service-specific endpoints"), without
 * those whose variable is set. Other programs use and check them; here only the form of a URL is required.
 */
function otherUrls(
  config: ConfigFile,
  settings: ProfileSettingsSource,
  env: Env,
): Record<string, string> {
  const urls: Record<string, string> = {};
  for (const [service, { value }] of servicesOf(config, settings)?.settings ?? []) {
    const url = typeof value === "string" ? undefined : value.get("endpoint_url");
    const variable = `AWS_ENDPOINT_URL_${service.replace(/[ -]/g, "_").toUpperCase()}`;
    if (!url || env.get(variable) || !URL.canParse(url)) continue;
    if (/^[A-Z0-9_]+$/.test(variable)) urls[variable] = url;
  }
  return urls;
}

function servicesOf(config: ConfigFile, settings: ProfileSettingsSource) {
  const reference = settings.getText("services");
  if (reference === undefined) return undefined;
  const section = config.services(reference.value);
  if (section !== undefined) return section;
  throw reference.bad(`there is no section [services ${reference.value}]`);
}

function serviceUrl(
  config: ConfigFile,
  settings: ProfileSettingsSource,
  service: string,
): Sourced | undefined {
  const setting = servicesOf(config, settings)?.settings.get(service);
  if (setting === undefined || setting.value === "") return undefined;
  if (typeof setting.value === "string") {
    throw setting.bad(`${service}: its settings must be indented in the lines below it`);
  }
  const text = setting.value.get("endpoint_url");
  return text ? { text, bad: (what) => setting.bad(`${service}: ${what}`) } : undefined;
}

/**
 * Checks a URL to which requests may go: https, or http on this machine.
 *
 * Plain http to any other host shows MFA codes, session tokens and new secret access keys to anyone on the
 * network path, who can also forge the answers. `AWS_VAULT_ALLOW_HTTP` names hosts for which that is
 * accepted, such as a local stand-in for AWS in another container. `own`: hosts that only support http.
 */
export function checkUrl(source: Sourced, env: Env, own: readonly string[] = []): string {
  const url = URL.parse(source.text) ?? undefined;
  if (url?.protocol === "https:") return source.text;
  if (url?.protocol !== "http:") {
    throw source.bad(`${quote(source.text)} is not an http or https URL`);
  }
  const allowed = asList(fromEnv(env, ALLOW_HTTP)).map((host) => host.toLowerCase());
  const isAllowed = [...own, ...allowed].includes(url.hostname) || isLoopback(url.hostname);
  if (isAllowed) return source.text;
  throw source.bad(
    `${quote(source.text)} is not encrypted and not on this machine; ` +
      `use https, or allow it with ${ALLOW_HTTP}=${url.hostname}`,
  );
}
