import type { Credentials } from "../credentials.ts";
import { settingVariables } from "../config/setting_variables.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import { VaultError } from "../errors.ts";
import { isCredentialVariable, renderChildEnvironment } from "../exec/environment.ts";
import {
  planChange,
  planShellUse,
  SHELL_VARIABLES,
  type ShellChange,
  type Variables,
  withoutShellUse,
} from "../exec/shell_state.ts";
import type { Env } from "../host.ts";
import { printDocument } from "../print.ts";
import { escapeControls } from "../text.ts";
import type { CommandContext, Invocation } from "./context.ts";
import { handOut } from "./hand_out.ts";
import { noteKeyState } from "./key_notes.ts";
import { notePlan } from "./obtain_planned.ts";
import { type AccessFlags, chooseAccess, planAccess } from "./plan_access.ts";
import { requireShellHook } from "./shell_hooks/mod.ts";

/** The flags of `shell-use`, which `avs` runs. */
export interface ShellUseFlags extends AccessFlags {
  /** In seconds. */
  readonly minTtl?: number | undefined;
  readonly off?: boolean | undefined;
  /** Run before a prompt: asks nobody, and ends quickly. */
  readonly again?: boolean | undefined;
}

/** A prompt that takes longer looks like a hanging shell. */
const LONGEST_RENEWAL_MS = 5_000;

/** `shell-use SHELL [PROFILE]`: prints what `avs` changes in the environment of a running shell. */
export async function shellUse(
  this: CommandContext,
  flags: ShellUseFlags,
  shell: string,
  profile?: string,
): Promise<void> {
  const hook = requireShellHook(shell);
  const asked = flags.again ? { ...flags, noPrompt: true, mfaToken: undefined, wait: 1 } : flags;
  const opened = this.open(asked);
  const { host } = opened;
  const current = host.env.all();
  const base = withoutShellUse(current);
  if (flags.off) {
    return printDocument(host.stdout, hook.renderChange(planOff(current, base)));
  }
  // The plan does not depend on what was used in this shell before.
  const invocation = { ...opened, host: { ...host, env: envOf(host.env, base) } };
  const change = await inTime(
    invocation,
    flags.again ? LONGEST_RENEWAL_MS : undefined,
    () => use(invocation, asked, { current, base, words: this.words, profile }),
  );
  printDocument(host.stdout, hook.renderChange(change));
}

interface Use {
  readonly current: Variables;
  readonly base: Variables;
  /** The whole command line. */
  readonly words: readonly string[];
  readonly profile: string | undefined;
}

async function use(
  invocation: Invocation,
  flags: ShellUseFlags,
  { current, base, words, profile }: Use,
): Promise<ShellChange> {
  const name = await chooseAccess(invocation, flags, profile);
  const planned = await planAccess(invocation, flags, name);
  if (!flags.again) await noteKeyState(invocation, planned);
  notePlan(invocation, planned);
  const credentials = await handOut(invocation, flags, planned, { by: "avs" }, flags.minTtl);
  const next = {
    ...renderNext(invocation, planned, name, credentials),
    ...renderState(name, credentials, repeatableWords(words, flags, { name, profile })),
  };
  return planShellUse(current, base, next, isCredentialVariable);
}

/** The environment that the child of `exec` would have. */
function renderNext(
  { host: { platform } }: Invocation,
  { env, profile }: ProfilePlan,
  name: string,
  credentials: Credentials,
): Variables {
  return renderChildEnvironment(env.all(), {
    profile: name,
    settings: settingVariables(profile),
    access: { kind: "credentials", credentials },
    ignoreCase: platform.os === "windows",
  });
}

function renderState(
  name: string,
  { accessKeyId, expiration }: Credentials,
  words: readonly string[] | undefined,
): Variables {
  return {
    [SHELL_VARIABLES.key]: accessKeyId,
    [SHELL_VARIABLES.label]: escapeControls(name),
    ...expiration && {
      [SHELL_VARIABLES.until]: String(Math.floor(expiration.epochMilliseconds / 1000)),
    },
    ...words && { [SHELL_VARIABLES.words]: words.join("\n") },
  };
}

/**
 * The words after `avs` that obtain the same again: without a code, which works once, and with the picked
 * profile. `undefined` if that is impossible: flags that limit credentials must not be lost.
 */
function repeatableWords(
  line: readonly string[],
  { mfaToken, pick }: ShellUseFlags,
  { name, profile }: { readonly name: string; readonly profile: string | undefined },
): string[] | undefined {
  const isOurs = (word: string) => word === "--again" || word.startsWith("--min-ttl=");
  const typed = line.slice(2).filter((word, i) => !(i < 2 && isOurs(word)));
  const kept = typed.filter((word, i) =>
    !(pick && word === "--pick") && !/^(?:--mfa-token|-t)$/.test(word) &&
    !/^(?:--mfa-token=|-t=?\d)/.test(word) && !/^(?:--mfa-token|-t)$/.test(typed[i - 1] ?? "")
  );
  const isFit = kept.every((word) => word !== "" && !word.includes("\n")) &&
    (mfaToken === undefined || !kept.some((word) => word.includes(mfaToken)));
  if (!isFit) return undefined;
  const isNamed = profile !== undefined || name.startsWith("oidc:");
  return isNamed ? kept : name.startsWith("-") ? [...kept, "--", name] : [...kept, name];
}

/** Removes what `avs` added, and every key, even one from an `exec` around the shell or of unknown origin. */
function planOff(current: Variables, base: Variables): ShellChange {
  const kept = Object.entries(base).filter(([name]) => !isCredentialVariable(name));
  return planChange(current, Object.fromEntries(kept));
}

/** The environment as it was before; it contains none of our secrets, which can still be read. */
function envOf(env: Env, base: Variables): Env {
  const all = env.all();
  return {
    get: (name) => base[name] ?? (name in all ? undefined : env.get(name)),
    all: () => ({ ...base }),
  };
}

async function inTime<T>(
  { host: { clock } }: Invocation,
  limitMs: number | undefined,
  act: () => Promise<T>,
): Promise<T> {
  if (limitMs === undefined) return await act();
  const end = new AbortController();
  const late = clock.sleep(limitMs, end.signal).then(() => {
    throw new VaultError("wait-timeout", "Cannot renew the credentials: it takes too long");
  });
  try {
    return await Promise.race([act(), late]);
  } finally {
    end.abort();
    late.catch(() => {});
  }
}
