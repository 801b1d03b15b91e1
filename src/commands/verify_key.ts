import { type CallerIdentity, getCallerIdentity } from "../aws/sts.ts";
import { hasCode, VaultError } from "../errors.ts";
import { escapeControls, quote } from "../text.ts";
import type { Invocation } from "./context.ts";
import { callWithKey, type TypedKey, withinLimit } from "./key_call.ts";

/**
 * How long the check and its question may take if nobody requested it: it must not block a script
 * written for aws-vault 7.
 */
const LIMIT_MS = 8_000;

/**
 * Asks AWS whose key it is, reports it, and returns it; `undefined` if that is unknown.
 *
 * If that fails, the person decides whether to store the key: throws the failure if nobody can be
 * asked, and a short one if the answer is no. Without `isRequested` it does not take long, and the
 * key is stored if nobody answers.
 */
export async function verifyKey(
  invocation: Invocation,
  typed: TypedKey,
  { isRequested }: { readonly isRequested: boolean },
): Promise<CallerIdentity | undefined> {
  const { accessKeyId } = typed.key;
  const start = invocation.host.clock.monotonicMs();
  const identify = (signal?: AbortSignal) =>
    callWithKey(invocation, typed, "sts", getCallerIdentity, signal);
  try {
    const identity = isRequested ? await identify() : await withinLimit(invocation, identify);
    invocation.host.talk.say(`Key ${accessKeyId} belongs to ${describeCaller(identity)}`);
    return identity;
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    if (!invocation.mayPrompt || !await invocation.host.terminal.isAvailable()) throw error;
    const left = LIMIT_MS - (invocation.host.clock.monotonicMs() - start);
    await askWhether(invocation, accessKeyId, error, isRequested ? undefined : left);
    return undefined;
  }
}

/** `user "work" of account 111122223333`. */
export function describeCaller({ arn, accountId }: CallerIdentity): string {
  const account = `account ${escapeControls(accountId)}`;
  const [, kind, name] = /^arn:[^:]+:iam::[^:]*:(root|user)(?:\/(?:.*\/)?(.+))?$/.exec(arn) ?? [];
  if (kind === "root") return `the root user of ${account}`;
  return name === undefined ? `${quote(arn)} of ${account}` : `user ${quote(name)} of ${account}`;
}

/** Returns if the key is to be stored although AWS did not report whose it is. */
async function askWhether(
  { host }: Invocation,
  accessKeyId: string,
  failure: VaultError,
  timeoutMs: number | undefined,
): Promise<void> {
  host.talk.warn(`Cannot verify key ${accessKeyId}: ${failure.message}`);
  for (const hint of failure.hints) host.talk.hint(hint);
  // Input for another question: a secret that was pasted twice would be shown as the answer to this one.
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
    host.talk.note("Nobody answered: the key is stored unverified");
    return;
  }
  throw new VaultError("conflict", `Key ${accessKeyId} was not stored`);
}
