/**
 * Which helpers wait for this invocation: a helper that calls this program for the same profile would run
 * itself forever, or wait for a lock that the one outside it holds
 * (https://github.com/99designs/aws-vault/issues/1211).
 *
 * They are in a variable that only helpers get, so that it passes through shell scripts, and ends at the
 * command of `exec`, which may outlive them all. A script that empties its environment hides it; then the
 * count of this program's processes above this one (on Linux), and the time limits of helpers and locks
 * remain.
 */

import { VaultError } from "../errors.ts";
import { PROFILE_CHAIN } from "../helper_environment.ts";
import type { Env, Host } from "../host.ts";
import { quote } from "../text.ts";

/** A chain that is longer is taken for one without end. */
const MAX_CHAIN = 8;

/** A helper by the setting that names it. */
export interface HelperPlace {
  readonly profile: string;
  readonly setting: string;
}

/** Whether the helper waits for this invocation. */
export function isWaiting({ get }: Pick<Env, "get">, helper: HelperPlace): boolean {
  return parseChain(get(PROFILE_CHAIN)).some((one) => isSame(one, helper));
}

/**
 * The variable that a helper gets, with itself at the end. Throws `bad-config`, with the way round, where it
 * waits for this invocation already, and where more than eight do.
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

/** The environment hides the way round, but not that there is one. */
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
