import { readCaBundle } from "../aws/ca_bundle.ts";
import type { ClockSkew } from "../aws/clock_skew.ts";
import type { AwsCaller } from "../aws/query.ts";
import { assumeRole, assumeRoot, getSessionToken, type MfaProof } from "../aws/sts.ts";
import type { Credentials } from "../credentials.ts";
import { AwsError } from "../errors.ts";
import { parsePromptDriver } from "../prompt/driver_names.ts";
import type { MfaCode } from "../prompt/mfa_prompt.ts";
import { policyParameters } from "../session_policies.ts";
import { quote } from "../text.ts";
import { obtainMfaCode } from "./mfa.ts";
import type { ObtainOptions } from "./obtain_options.ts";
import type { MfaUse, PlanStep } from "./plan.ts";
import { profileEndpoint } from "./profile_endpoint.ts";
import { sessionName } from "./session_name.ts";
import type { ObtainDeps } from "./source.ts";
import { type StoredCodes, storedCodes } from "./stored_totp.ts";

/** What the steps of one walk share. */
export interface StepRun {
  readonly deps: ObtainDeps;
  readonly options: ObtainOptions;
  /** Set by the first call that AWS refuses because of the clock, and used by the others. */
  readonly skew: ClockSkew;
}

/** Makes the call of a step, and asks for a code if it shows a device; a mistyped code is asked for once more. */
export async function makeStepCall(
  run: StepRun,
  step: PlanStep,
  source: Credentials,
): Promise<Credentials> {
  const { deps, options } = run;
  const caller = callerFor(deps, step, source);
  if (step.mfa === undefined) {
    hintAtMissingDevice(deps, step);
    return await call(run, step, caller, undefined);
  }
  const stored = storedCodes(deps, step.mfa.serial);
  const code = await askForCode(deps, step.mfa, options, stored);
  try {
    return await call(run, step, caller, proof(step.mfa, code));
  } catch (error) {
    if (!code.mayRepeat || !isWrongCode(error)) throw error;
    deps.host.talk.warn(
      `AWS did not accept the code of ${quote(step.mfa.serial)}; wait for the next one`,
    );
    const again = await askForCode(deps, step.mfa, options, stored);
    return await call(run, step, caller, proof(step.mfa, again));
  }
}

function callerFor(deps: ObtainDeps, { profile }: PlanStep, source: Credentials): AwsCaller {
  return {
    endpoint: profileEndpoint("sts", profile),
    credentials: source,
    caCertificates: profile.caBundle && readCaBundle(deps.host, profile.caBundle) || undefined,
  };
}

async function call(
  { deps, skew }: StepRun,
  step: PlanStep,
  caller: AwsCaller,
  mfa: MfaProof | undefined,
): Promise<Credentials> {
  const awsDeps = { ...deps.host, skew };
  const { durationSeconds, profile } = step;
  deps.host.talk.debug(() => `${step.action} for profile ${quote(profile.name)}: ${step.why}`);
  if (step.action === "GetSessionToken") {
    return await getSessionToken(awsDeps, caller, { durationSeconds, mfa });
  }
  if (step.rootTask !== undefined) {
    return await assumeRoot(awsDeps, caller, { ...step.rootTask, durationSeconds });
  }
  if (step.action === "GetFederationToken") {
    const { federate } = await import("./federate.ts");
    return await federate(awsDeps, caller, durationSeconds, step.policies);
  }
  return await assumeRole(awsDeps, caller, {
    roleArn: profile.roleArn!,
    roleSessionName: sessionName(deps.host.clock, profile, step.agent),
    durationSeconds,
    externalId: profile.externalId,
    mfa,
    tags: {
      ...Object.fromEntries(profile.sessionTags.map(({ key, value }) => [key, value])),
      ...step.agent !== undefined && { "aws-vault-agent": step.agent },
    },
    transitiveTagKeys: profile.transitiveTagKeys,
    sourceIdentity: profile.sourceIdentity,
    ...policyParameters(step.policies),
  });
}

async function askForCode(
  deps: ObtainDeps,
  mfa: MfaUse,
  options: ObtainOptions,
  stored: StoredCodes,
): Promise<MfaCode> {
  return await obtainMfaCode(deps.host, {
    serial: mfa.serial,
    profile: mfa.profile.name,
    token: options.mfaToken,
    mfaProcess: mfa.mfaProcess,
    stored,
    driver: options.promptDriver ? parsePromptDriver(options.promptDriver) : undefined,
    mayPrompt: options.mayPrompt,
    whyUnasked: options.whyUnasked,
  });
}

function proof(mfa: MfaUse, code: MfaCode): MfaProof {
  return { serialNumber: mfa.serial, tokenCode: code.code };
}

/** STS answers `AccessDenied` for many reasons; only its message shows that the code was wrong. */
function isWrongCode(error: unknown): boolean {
  return error instanceof AwsError && error.awsCode === "AccessDenied" &&
    /invalid MFA one time pass ?code/i.test(error.awsMessage);
}

/**
 * A hint for the most frequent failure of beginners: IAM refuses a session without MFA
 * (https://github.com/99designs/aws-vault/issues/1252).
 */
function hintAtMissingDevice(deps: ObtainDeps, step: PlanStep): void {
  if (step.action !== "GetSessionToken" || !deps.host.stderr.isTerminal()) return;
  deps.host.talk.hint(
    `Profile ${quote(step.profile.name)} has no mfa_serial, so IAM will refuse this session; ` +
      "set it, or use --no-session for IAM",
  );
}
