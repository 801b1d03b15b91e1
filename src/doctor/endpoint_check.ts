import { readCaBundle } from "../aws/ca_bundle.ts";
import { type Profile, resolveProfile } from "../config/profile.ts";
import { profileEndpoint } from "../credentials/profile_endpoint.ts";
import { sourceSettings } from "../credentials/source.ts";
import { VaultError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import { HttpFailure } from "../http.ts";
import { counted, quote } from "../text.ts";
import type { Check, Scene } from "./check.ts";

/** The maximum number of endpoints to call: a config of 1,000 regions would take minutes. */
const MOST_ENDPOINTS = 12;
const TIMEOUT_MS = 5_000;
/** AWS refuses signatures that are 5 minutes off (STS); an offset from this size on is reported. */
const TOLERATED_MS = 60_000;

/** Whether AWS is reachable from here as the profiles reach it, and its time. */
export const ENDPOINTS: Check = {
  id: "endpoints",
  subject: "endpoints",
  steps: [async (scene) => {
    if (scene.isOffline) return [];
    const endpoints = [...findEndpoints(scene)].slice(0, MOST_ENDPOINTS);
    const answers = await Promise.all(endpoints.map((endpoint) => ask(scene, ...endpoint)));
    const offsets = answers.filter((answer) => typeof answer === "number");
    const clock = offsets.find((offsetMs) => Math.abs(offsetMs) > TOLERATED_MS);
    const failures = answers.filter((answer) => typeof answer === "object");
    return [...failures, ...(clock === undefined ? [] : [wrongClock(clock)])];
  }],
};

/** The STS endpoints that the profiles need, each with the certificates that one of them trusts. */
function findEndpoints(scene: Scene): ReadonlyMap<string, readonly string[]> {
  const endpoints = new Map<string, readonly string[]>();
  for (const profile of profilesOf(scene)) {
    try {
      const { url } = profileEndpoint("sts", profile);
      const { caBundle } = profile;
      if (endpoints.has(url)) continue;
      endpoints.set(url, caBundle === undefined ? [] : readCaBundle(scene.host, caBundle));
    } catch (error) {
      // The profile's own check reports that.
      if (!(error instanceof VaultError)) throw error;
    }
  }
  return endpoints;
}

function* profilesOf(scene: Scene): Generator<Profile> {
  const config = scene.config();
  const names = scene.profile === undefined ? config.profileNames() : [scene.profile];
  for (const name of names.length === 0 ? ["default"] : names) {
    try {
      yield resolveProfile(config, name, {
        env: scene.host.env,
        flags: {},
        activeProfile: name,
        sourceSettings: sourceSettings(scene.sources),
      });
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
    }
  }
}

/** How far the endpoint's clock is ahead, in milliseconds; a finding if it does not answer. */
async function ask(
  { host }: Scene,
  url: string,
  caCertificates: readonly string[],
): Promise<number | Finding | undefined> {
  try {
    const { headers } = await host.http.send({
      method: "GET",
      url,
      headers: {},
      timeoutMs: TIMEOUT_MS,
      caCertificates,
    });
    const theirs = Date.parse(headers["date"] ?? "");
    return Number.isNaN(theirs) ? undefined : theirs - host.clock.now().epochMilliseconds;
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    return unreachable(new URL(url).host, error);
  }
}

function unreachable(name: string, { kind, message }: HttpFailure): Finding {
  const isUntrusted = kind === "untrusted";
  return {
    id: isUntrusted ? "endpoint-untrusted" : "endpoint-unreachable",
    severity: "error",
    subject: name,
    message: `${quote(name)} ${isUntrusted ? "is not trusted" : "cannot be reached"}: ${message}`,
    todo: isUntrusted
      ? "Behind a proxy that intercepts TLS, set AWS_CA_BUNDLE to its certificate"
      : "Check the network, and HTTPS_PROXY and NO_PROXY",
  };
}

function wrongClock(offsetMs: number): Finding {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const direction = offsetMs > 0 ? "behind" : "ahead of";
  return {
    id: "clock",
    severity: "warning",
    subject: "clock",
    message: `This machine's clock is ${counted(minutes, "minute")} ${direction} AWS's`,
    todo: "Set the clock, preferably by NTP",
  };
}
