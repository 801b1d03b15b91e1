/** The settings of a profile as the variables that SDKs read: `exec` sets them for its child. */

import type { Profile } from "./profile.ts";

/** A profile's settings that are not about credentials. */
export type PlaceSettings = Pick<Profile, "region" | "endpoint" | "caBundle">;

/** The names of all variables that {@linkcode settingVariables} may return, except those of single services. */
const NAMES: ReadonlySet<string> = new Set([
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_CA_BUNDLE",
  "AWS_USE_FIPS_ENDPOINT",
  "AWS_USE_DUALSTACK_ENDPOINT",
]);

/** Whether a variable can be one of {@linkcode settingVariables}. */
export function isSettingVariable(name: string): boolean {
  return NAMES.has(name) || /^AWS_ENDPOINT_URL(?:_|$)/.test(name);
}

/**
 * Where requests go, and which certificates are trusted: an SDK that runs without the profile would
 * otherwise call AWS itself, with credentials for something else.
 */
export function settingVariables({ region, endpoint, caBundle }: PlaceSettings) {
  const { endpointUrl, serviceUrls = {}, useFips, useDualstack } = endpoint;
  return {
    ...(region !== undefined && { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
    ...(endpointUrl !== undefined && { AWS_ENDPOINT_URL: endpointUrl }),
    ...serviceUrls,
    ...(caBundle !== undefined && { AWS_CA_BUNDLE: caBundle }),
    ...(useFips && { AWS_USE_FIPS_ENDPOINT: "true" }),
    ...(useDualstack && { AWS_USE_DUALSTACK_ENDPOINT: "true" }),
  } satisfies Record<string, string>;
}
