import { readCaBundle } from "../aws/ca_bundle.ts";
import { type CallerIdentity, getCallerIdentity } from "../aws/sts.ts";
import { withoutOuterExec } from "../config/outer_exec.ts";
import { resolveProfile } from "../config/profile.ts";
import { profileEndpoint } from "../credentials/profile_endpoint.ts";
import { sourceSettings } from "../credentials/source.ts";
import type { LongTermKey } from "../credentials.ts";
import { hasCode, VaultError } from "../errors.ts";
import { escapeControls, quote } from "../text.ts";
import type { Invocation } from "./context.ts";

/**
 * What nobody asked for must not stop a script that was made for aws-vault 7, which answers the
 * questions for the key and waits for the end: `expect` waits for 10 s.
 */
const LIMIT_MS = { call: 4_000, all: 8_000 } as const;

/**
 * Asks AWS whose key it is, and says so.
 *
 * Where that fails, the person decides whether it is stored: throws the failure where nobody can be
 * asked, and a short one where the answer is no. Without `isRequested` it does not take long, and
 * where nobody answers the key is stored.
 */
export async function verifyKey(
  invocation: Invocation,
  profile: string,
  key: LongTermKey,
  { isRequested }: { readonly isRequested: boolean },
): Promise<void> {
  const start = invocation.host.clock.monotonicMs();
  try {
    const identity = isRequested
      ? await identify(invocation, profile, key)
      : await withinLimit(invocation, (signal) => identify(invocation, profile, key, signal));
    invocation.host.talk.say(`Key ${key.accessKeyId} belongs to ${describeCaller(identity)}`);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    if (!invocation.mayPrompt || !await invocation.host.terminal.isAvailable()) throw error;
    const left = LIMIT_MS.all - (invocation.host.clock.monotonicMs() - start);
    await askWhether(invocation, key.accessKeyId, error, isRequested ? undefined : left);
  }
}

/** `user "work" of account 111122223333`. */
export function describeCaller({ arn, accountId }: CallerIdentity): string {
  const account = `account ${escapeControls(accountId)}`;
  const [, kind, name] = /^arn:[^:]+:iam::[^:]*:(root|user)(?:\/(?:.*\/)?(.+))?$/.exec(arn) ?? [];
  if (kind === "root") return `the root user of ${account}`;
  return name === undefined ? `${quote(arn)} of ${account}` : `user ${quote(name)} of ${account}`;
}

async function identify(
  { host, sources, config }: Invocation,
  profile: string,
  key: LongTermKey,
  signal?: AbortSignal,
): Promise<CallerIdentity> {
  const own = sourceSettings(sources);
  const resolved = resolveProfile(config(), profile, {
    env: withoutOuterExec(host.env, config(), own),
    flags: {},
    activeProfile: profile,
    sourceSettings: own,
  });
  return await getCallerIdentity({ ...host, skew: { offsetMs: 0 } }, {
    endpoint: profileEndpoint("sts", resolved),
    caCertificates: resolved.caBundle && readCaBundle(host, resolved.caBundle) || undefined,
    credentials: key,
    signal,
  });
}

async function withinLimit<T>(
  { host: { clock } }: Invocation,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const done = new AbortController();
  const late = new VaultError("network", `AWS did not answer within ${LIMIT_MS.call / 1000} s`);
  clock.sleep(LIMIT_MS.call, done.signal).then(() => limit.abort(late), () => {});
  try {
    return await act(limit.signal);
  } finally {
    done.abort();
  }
}

/** Returns where the key is to be stored although AWS did not say whose it is. */
async function askWhether(
  { host }: Invocation,
  accessKeyId: string,
  failure: VaultError,
  timeoutMs: number | undefined,
): Promise<void> {
  host.talk.warn(`Cannot verify key ${accessKeyId}: ${failure.message}`);
  for (const hint of failure.hints) host.talk.hint(hint);
  // It was meant for another question: a secret pasted once more would be shown as the answer to this one.
  await host.terminal.dropTyped();
  const isRefused = failure.code === "aws-refused";
  const choice = isRefused ? "y|N" : "Y|n";
  const late = timeoutMs === undefined ? "" : `, stored after ${Math.round(timeoutMs / 1000)} s`;
  try {
    const question = `Store it anyway? (${choice}${late}) `;
    const answer = await host.terminal.ask(question, { timeoutMs, waitsForTyping: true });
    const text = answer.reveal().trim();
    if (isRefused ? /^y(es)?$/i.test(text) : !/^no?$/i.test(text)) return;
  } catch (error) {
    if (timeoutMs === undefined || !hasCode(error, "needs-person")) throw error;
    host.talk.note("Nobody answered: the key is stored as it is");
    return;
  }
  throw new VaultError(failure.code, `Key ${accessKeyId} was not stored`);
}
