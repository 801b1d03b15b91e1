import { readCaBundle } from "../aws/ca_bundle.ts";
import type { QueryService } from "../aws/endpoint.ts";
import type { AwsCaller } from "../aws/query.ts";
import type { AwsDeps } from "../aws/send.ts";
import { withoutOuterExec } from "../config/outer_exec.ts";
import { type Profile, resolveProfile } from "../config/profile.ts";
import { profileEndpoint } from "../credentials/profile_endpoint.ts";
import { sourceSettings } from "../credentials/source.ts";
import type { LongTermKey } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import type { Invocation } from "./context.ts";

/** A key that a person has typed, and the settings of calls about it. */
export interface TypedKey {
  readonly profile: string;
  readonly key: LongTermKey;
  /** `--region`, else the profile's region. */
  readonly region?: string | undefined;
}

/**
 * How long to wait for AWS if nobody requested the call: a script written for aws-vault 7 answers
 * the questions and waits for the end, and `expect` waits for 10 s.
 */
const CALL_LIMIT_MS = 4_000;

/** The profile of a key, as it would be in effect. */
export function profileOf(
  { host, sources, config }: Invocation,
  { profile, region }: TypedKey,
): Profile {
  const own = sourceSettings(sources);
  return resolveProfile(config(), profile, {
    env: withoutOuterExec(host.env, config(), own),
    flags: { region },
    activeProfile: profile,
    sourceSettings: own,
  });
}

/** Calls a service with a key that is not stored, with the region and endpoints of its profile. */
export async function callWithKey<T>(
  invocation: Invocation,
  typed: TypedKey,
  service: QueryService,
  call: (deps: AwsDeps, caller: AwsCaller) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { host } = invocation;
  const profile = profileOf(invocation, typed);
  return await call({ ...host, skew: { offsetMs: 0 } }, {
    endpoint: profileEndpoint(service, profile),
    caCertificates: profile.caBundle && readCaBundle(host, profile.caBundle) || undefined,
    credentials: typed.key,
    signal,
  });
}

/** Aborts a call after {@linkcode CALL_LIMIT_MS}, with `network`. */
export async function withinLimit<T>(
  { host: { clock } }: Pick<Invocation, "host">,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const done = new AbortController();
  const late = new VaultError("network", `AWS did not answer within ${CALL_LIMIT_MS / 1000} s`);
  clock.sleep(CALL_LIMIT_MS, done.signal).then(() => limit.abort(late), () => {});
  try {
    return await act(limit.signal);
  } finally {
    done.abort();
  }
}
