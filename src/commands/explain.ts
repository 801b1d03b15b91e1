import { type CachedAnswer, findCached, isLocked } from "../credentials/find_cached.ts";
import { readStoredKey } from "../credentials/long_term_key.ts";
import { describeDriver, findMfaDriver, mayAsk } from "../credentials/mfa.ts";
import type { MfaUse } from "../credentials/plan.ts";
import { chooseProfile, planForProfile, type ProfilePlan } from "../credentials/profile_plan.ts";
import { formatDuration } from "../credentials/plan_limits.ts";
import { describeSettings, type SettingOrigin } from "../credentials/setting_origins.ts";
import { sourceSettings } from "../credentials/source.ts";
import { storedCodes } from "../credentials/stored_totp.ts";
import { foldLines } from "../display_width.ts";
import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { printLines } from "../print.ts";
import { parsePromptDriver } from "../prompt/driver_names.ts";
import { PROMPTS_OFF } from "../sign_in.ts";
import { escapeControls, quote } from "../text.ts";
import type { CommandContext, Invocation, NarrowingFlags, PlanFlags } from "./context.ts";
import { type PickFlags, pickUnnamed } from "./pick_unnamed.ts";
import { type Explanation, renderExplanation, renderJson } from "./explain_report.ts";

/** The flags of `explain`. */
export interface ExplainFlags extends PlanFlags, NarrowingFlags, PickFlags {
  readonly roleArn?: string | undefined;
  readonly json?: boolean | undefined;
}

/**
 * `explain [PROFILE]`: prints the plan for a profile, the reasons for it, and where its settings come from.
 * Calls nobody and asks nobody; a locked keystore stays locked, and is reported.
 */
export async function explain(
  this: CommandContext,
  flags: ExplainFlags,
  profile?: string,
): Promise<void> {
  // Only for whether a person could be asked; everything else runs without asking anybody.
  const invocation = this.open(flags);
  const { host, mayPrompt } = invocation;
  const quiet = this.open({ ...flags, noPrompt: true });
  const name = chooseProfile(quiet, profile || await pickUnnamed(invocation, flags));
  const planned = await planQuietly(quiet, flags, name);
  const { plan } = planned;
  const cached = await findCached(quiet, planned);
  const answered = "step" in cached ? cached.step : -1;
  const scene = { host, mayPrompt, flags, cached, quiet };
  const explanation: Explanation = {
    planned,
    cached,
    notes: [
      ...plan.notes,
      ...await describeKeystore(quiet, planned, cached),
      ...await describePerson(scene, planned, answered),
    ],
    settings: await settingsOf(quiet, flags, planned),
  };
  if (flags.json) return printLines(host.stdout, renderJson(explanation));
  const lines = renderExplanation(explanation).map(escapeControls);
  printLines(host.stdout, foldLines(lines, host.stdout.columns?.()));
}

/** The plan; if a locked keystore does not list its keys, one at the end of the chain is assumed. */
async function planQuietly(
  invocation: Invocation,
  flags: ExplainFlags,
  name: string,
): Promise<ProfilePlan> {
  const shown = { ...flags, use: "shown" } as const;
  let assumed: string | undefined;
  let lastLocked: string | undefined;
  const deps = {
    ...invocation,
    keyring: async () => {
      const keyring = await invocation.keyring();
      const onLocked = (key: string) => key === assumed || (lastLocked = key, false);
      return assumeWhereLocked(keyring, onLocked);
    },
  };
  try {
    return await planForProfile(deps, shown, name);
  } catch (error) {
    if (!(error instanceof VaultError) || lastLocked === undefined) throw error;
    assumed = lastLocked;
    return await planForProfile(deps, shown, name);
  }
}

function assumeWhereLocked(keyring: Keyring, onLocked: (key: string) => boolean): Keyring {
  return {
    backend: keyring.backend,
    location: keyring.location,
    async has(key) {
      try {
        return await keyring.has(key);
      } catch (error) {
        if (isLocked(error)) return onLocked(key);
        throw error;
      }
    },
    get: (key) => keyring.get(key),
    set: (key, item) => keyring.set(key, item),
    remove: (key) => keyring.remove(key),
    keys: () => keyring.keys(),
    close: () => keyring.close(),
  };
}

/** Notes that the keystore is locked, if the plan needs it. */
async function describeKeystore(
  invocation: Invocation,
  { plan }: ProfilePlan,
  cached: CachedAnswer,
): Promise<string[]> {
  const { keyName } = plan.source;
  if (cached.state === "cached" || (keyName === undefined && cached.state !== "locked")) return [];
  try {
    if (cached.state !== "locked") {
      await readStoredKey(await invocation.keyring(), keyName!);
      return [];
    }
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    // The plan is still right, and this is why it will fail.
    if (!isLocked(error)) return [error.message];
  }
  const { backend } = await invocation.keyring();
  return [`The keystore (${backend}) is locked, and must be unlocked first`];
}

interface PersonScene extends Pick<Invocation, "host" | "mayPrompt"> {
  readonly flags: ExplainFlags;
  readonly cached: CachedAnswer;
  /** The same invocation, without asking anybody. */
  readonly quiet: Invocation;
}

/** Whether a person is asked for what is not cached, and how. */
async function describePerson(
  scene: PersonScene,
  { plan }: ProfilePlan,
  answered: number,
): Promise<string[]> {
  const { row, profile } = plan.source;
  const asking: string[] = [];
  if (answered < 0 && plan.source.keyName === undefined && row.asksNobody?.(profile) !== true) {
    const unknown = "Whether a person is asked is not known in advance: the plan starts with";
    asking.push(
      await row.describePerson?.(scene.quiet, profile) ?? `${unknown} ${row.describe(profile)}`,
    );
  }
  for (const { mfa } of plan.steps.slice(Math.max(answered, 0))) {
    if (mfa !== undefined) asking.push(await describeCode(scene, mfa));
  }
  return asking.length > 0 ? asking : ["Nobody is asked for an MFA code"];
}

async function describeCode(
  { host, mayPrompt, flags, quiet }: PersonScene,
  { serial, mfaProcess }: MfaUse,
): Promise<string> {
  const what = `A code of ${quote(serial)} is needed`;
  if (mfaProcess !== undefined) return `${what}: mfa_process gives it, and nobody is asked`;
  const named = flags.prompt ?? (host.env.get("AWS_VAULT_PROMPT") || undefined);
  const driver = await findMfaDriver(host, {
    driver: named === undefined ? undefined : parsePromptDriver(named),
    stored: storedCodes(quiet, serial),
  });
  if (!mayPrompt && mayAsk(driver)) {
    return `${what}, and ${PROMPTS_OFF}: exit code 4`;
  }
  return driver === undefined
    ? `${what}, and there is no terminal to ask on: exit code 4`
    : `${what}: ${describeDriver(driver)}`;
}

async function settingsOf(
  { config, keyring, sources }: Invocation,
  flags: ExplainFlags,
  { profile, env }: ProfilePlan,
): Promise<SettingOrigin[]> {
  return describeSettings(profile.name, {
    config: config(),
    backend: (await keyring()).backend,
    env,
    sourceSettings: sourceSettings(sources),
    flags: {
      "--region": flags.region,
      "--role-arn": flags.roleArn === undefined ? undefined : profile.roleArn,
      "--duration": flags.duration === undefined ? undefined : formatDuration(flags.duration),
      "--no-session": flags.noSession === undefined ? undefined : String(flags.noSession),
      "--backend": flags.backend,
      "--prompt": flags.prompt,
    },
  });
}
