import type { BackendState } from "../backend.ts";
import { withColour } from "../colour.ts";
import { examine } from "../doctor/checks.ts";
import { VaultError } from "../errors.ts";
import type { Finding, Fix } from "../finding.ts";
import type { Talk } from "../talk.ts";
import { foldLines } from "../display_width.ts";
import { printLines } from "../print.ts";
import { stateFolder } from "../state_folder.ts";
import { asClause, counted, escapeControls } from "../text.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";

/** The flags of `doctor`. */
export interface DoctorFlags extends GlobalFlags {
  readonly json?: boolean | undefined;
  readonly fix?: boolean | undefined;
  readonly offline?: boolean | undefined;
}

/**
 * `doctor [PROFILE]`: shows where keys are looked up and why, and what is wrong; asks nobody. Exit
 * code 1 for an error or a warning.
 */
export async function doctor(
  this: CommandContext,
  flags: DoctorFlags,
  profile?: string,
): Promise<void> {
  const invocation = this.open({ ...flags, noPrompt: true });
  const backends = await invocation.surveyBackends();
  const variables = await invocation.ownVariables();
  const scene = { ...invocation, profile, isOffline: flags.offline === true, variables };
  let findings = await examine(scene);
  if (flags.fix && await mend(invocation, findings) > 0) findings = await examine(scene);
  const named = findings.map((one) => ({ ...one, todo: this.nameStore(one.todo) }));
  const report = { invocation, backends, findings: named };
  const { stdout } = invocation.host;
  if (flags.json) printLines(stdout, renderJson(report));
  else {
    const lines = foldLines(renderReport(report).map(escapeControls), stdout.columns?.());
    printLines(withColour(stdout, invocation.host), lines);
  }
  if (findings.some(({ severity }) => severity !== "note")) this.exitWith(1);
}

/** A failed fix does not stop the others; its finding appears again. */
async function tryFix(talk: Talk, act: Fix["act"]): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    talk.warn(error.message);
  }
}

interface Report {
  readonly invocation: Invocation;
  readonly backends: readonly BackendState[];
  readonly findings: readonly Finding[];
}

/** Announces and applies the safe fixes, and gives how many there were. */
async function mend({ host, close }: Invocation, findings: readonly Finding[]): Promise<number> {
  const fixes = findings.map(({ fix }) => fix).filter((fix) => fix !== undefined);
  for (const { what, act } of fixes) {
    host.talk.say(`Fix: ${what}`);
    await tryFix(host.talk, act);
  }
  // Resources that were unusable before are opened again.
  await close();
  return fixes.length;
}

function renderReport({ invocation, backends, findings }: Report): string[] {
  return [
    ...backends.map(describeBackend),
    `State folder: ${stateFolder(invocation.host) ?? "none"}`,
    ...findings.flatMap(({ severity, message, todo }) => [
      `${severity}: ${message}`,
      `  ${todo}`,
    ]),
    summarize(findings),
  ];
}

function describeBackend({ name, reason, isChosen }: BackendState): string {
  if (reason !== undefined) return `Back end ${name}: cannot be used: ${asClause(reason)}`;
  return `Back end ${name}: ${isChosen ? "keys are stored here" : "can be used"}`;
}

function summarize(findings: readonly Finding[]): string {
  const count = (severity: Finding["severity"]) =>
    findings.filter((finding) => finding.severity === severity).length;
  const parts = (["error", "warning", "note"] as const).filter((severity) => count(severity) > 0);
  return parts.length === 0
    ? "No problems found"
    : parts.map((severity) => counted(count(severity), severity)).join(", ");
}

function renderJson({ invocation, backends, findings }: Report): string[] {
  const value = {
    backends: backends.map(({ name, reason, isChosen }) => ({
      name,
      chosen: isChosen,
      usable: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
    })),
    stateFolder: stateFolder(invocation.host),
    findings: findings.map(({ id, severity, subject, message, todo, fix }) => ({
      id,
      severity,
      subject,
      message,
      todo,
      fixable: fix !== undefined,
    })),
  };
  return JSON.stringify(value, null, 2).split("\n");
}
