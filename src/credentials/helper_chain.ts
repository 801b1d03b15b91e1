/**
 * The helpers that wait for this invocation: a helper that calls this program for the same profile
 * would run itself forever, or wait for a lock that the outer invocation holds
 * (https://github.com/99designs/aws-vault/issues/1211).
 *
 * A variable that only helpers get lists them. It passes through shell scripts, and is removed for
 * the command of `exec`, which may outlive them all. A script that empties its environment hides
 * it; then the count of this program's processes above this one (on Linux) and the time limits of
 * helpers and locks remain.
 */

import { VaultError } from "../errors.ts";
import { PROFILE_CHAIN } from "../helper_environment.ts";
import type { Env, Host } from "../host.ts";
import { quote } from "../text.ts";

/** A longer chain is taken for an endless one. */
const MAX_CHAIN = 8;

/** A helper, identified by the setting that names it. */
export interface HelperPlace {
  readonly profile: string;
  readonly setting: string;
}

/** Whether the helper waits for this invocation. */
export function isWaiting({ get }: Pick<Env, "get">, helper: HelperPlace): boolean {
  return parseChain(get(PROFILE_CHAIN)).some((one) => isSame(one, helper));
}

/**
 * The variable for a helper, with the helper itself at the end. Throws `bad-config`, with the
 * circle, if the helper already waits for this invocation, and if more than eight helpers wait.
 */
export function enterHelper(
  { env, platform }: Pick<Host, "env" | "platform">,
  helper: HelperPlace,
): Readonly<Record<string, string>> {
  const chain = [...parseChain(env.get(PROFILE_CHAIN)), helper];
  const isAgain = chain.findIndex((one) => isSame(one, helper)) < chain.length - 1;
  if (isAgain || chain.length > MAX_CHAIN) throw circle(chain);
  if ((platform.ancestors?.().length ?? 0) >= MAX_CHAIN) throw tooDeep(helper);
  return { [PROFILE_CHAIN]: chain.map(renderPlace).join(",") };
}

/** The error for a helper that waits for this invocation. */
export function helperLoop(env: Pick<Env, "get">, helper: HelperPlace): VaultError {
  return circle([...parseChain(env.get(PROFILE_CHAIN)), helper]);
}

/** The environment hides the circle, but not its existence. */
function tooDeep({ profile, setting }: HelperPlace): VaultError {
  return new VaultError(
    "bad-config",
    `Cannot run the ${setting} of profile ${quote(profile)}: ` +
      `it refers back to itself: aws-vault has started itself more than ${MAX_CHAIN} times`,
    {
      hints: ["In the profile that SDKs use, name another profile, which has the role or the key"],
    },
  );
}

function isSame(a: HelperPlace, b: HelperPlace): boolean {
  return a.profile === b.profile && a.setting === b.setting;
}

function circle(chain: readonly HelperPlace[]): VaultError {
  const { profile, setting } = chain.at(-1)!;
  const isMixed = chain.some((one) => one.setting !== setting);
  const names = chain.map((one) => quote(one.profile) + (isMixed ? ` (${one.setting})` : ""));
  return new VaultError(
    "bad-config",
    `Cannot run the ${setting} of profile ${quote(profile)}: ` +
      `it refers back to itself: ${names.join(" -> ")}`,
    {
      hints: ["In the profile that SDKs use, name another profile, which has the role or the key"],
    },
  );
}

// Names are percent-encoded, so that one with a comma or slash is still one name.
function parseChain(value: string | undefined): HelperPlace[] {
  return (value ?? "").split(",").filter(Boolean).map((text) => {
    const slash = text.indexOf("/");
    return { setting: text.slice(0, slash), profile: decode(text.slice(slash + 1)) };
  });
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function renderPlace({ setting, profile }: HelperPlace): string {
  return `${setting}/${encodeURIComponent(profile)}`;
}
