import { configPath, credentialsPath } from "../config/files.ts";
import { VaultError } from "../errors.ts";
import { printDocument } from "../print.ts";
import { quote } from "../text.ts";
import { grantedSeconds } from "../credentials/obtain.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import type { CommandContext, CredentialFlags, Invocation } from "./context.ts";
import {
  appendCredentials,
  checkFormat,
  type ExportFlags,
  type ExportFormat,
  renderCredentials,
} from "./export_formats.ts";
import type { SectionPlace } from "./export_section.ts";
import { chooseAccess, planAccess } from "./plan_access.ts";
import { handOut } from "./hand_out.ts";
import { notePlan } from "./obtain_planned.ts";

/**
 * The remaining lifetime that an SDK's credentials need, in seconds: SDKs renew 15 minutes before the
 * end, so that with less, each of their calls would run us again (botocore, RefreshableCredentials).
 */
const SDK_MIN_TTL_SECONDS = 15 * 60;

/** `export [PROFILE]`: prints temporary credentials for scripts and SDKs, even inside an `exec`. */
export async function exportCredentials(
  this: CommandContext,
  flags: ExportFlags,
  profile?: string,
): Promise<void> {
  const invocation = this.open(flags);
  checkFormat(invocation.host, flags.format ?? "env");
  const name = await chooseAccess(invocation, flags, profile);
  const planned = await planAccess(invocation, flags, name);
  notePlan(invocation, planned);
  await exportPlanned(invocation, flags, planned, name);
}

/** The flags that control how credentials are printed. */
export type PrintFlags =
  & CredentialFlags
  & Pick<ExportFlags, "format" | "output" | "minTtl" | "forceRefresh" | "section" | "for">;

/** Obtains planned credentials, and prints them under a name. */
export async function exportPlanned(
  invocation: Invocation,
  given: PrintFlags,
  planned: ProfilePlan,
  name: string,
): Promise<void> {
  // `-` is standard output, as elsewhere; a file of that name would hold credentials unnoticed.
  const flags = given.output === "-" ? { ...given, output: undefined } : given;
  const format = flags.format ?? "env";
  const section = await placeOfSection(invocation, flags, format);
  if (section === undefined) checkOutput(invocation.host, flags);
  const credentials = await handOut(
    invocation,
    flags,
    planned,
    { by: "export" },
    minTtlOf(flags, format, planned),
  );
  if (section !== undefined) {
    const { exportSection } = await import("./export_section.ts");
    return await exportSection(invocation, planned, section, { name, credentials });
  }
  const region = planned.profile.region;
  const exported = { profile: name, region, credentials };
  const document = await renderCredentials(format, exported);
  appendCredentials(invocation.host, format, exported);
  if (flags.output === undefined) return printDocument(invocation.host.stdout, document);
  invocation.host.files.writeWhole(flags.output, document, { mode: 0o600, followLinks: false });
}

/** The section to write instead of a whole file; throws `bad-usage`. */
async function placeOfSection(
  invocation: Invocation,
  { output, section, for: keepSeconds, noSession }: PrintFlags,
  format: ExportFormat,
): Promise<SectionPlace | undefined> {
  if (section === undefined && keepSeconds === undefined) return undefined;
  if (format !== "ini" || output === undefined || section === undefined || noSession) {
    throw new VaultError(
      "bad-usage",
      `Cannot use --${
        section === undefined ? "for" : "section"
      } like this: it is for one section of a file, with credentials that expire`,
      { hints: ["aws-vault export --format=ini --output ~/.aws/credentials --section NAME"] },
    );
  }
  const place = { path: output, section, keepSeconds };
  const { requireWritable } = await import("./export_section.ts");
  requireWritable(invocation, place);
  return place;
}

/**
 * Throws `unsafe-file` for a link: somebody else's would lead root to that person's file, and one of the
 * system, such as /dev/stdout, would be replaced. Checked before anybody is asked for a code.
 */
function checkOutput(host: Invocation["host"], { output }: PrintFlags): void {
  if (output === undefined) return;
  const { files } = host;
  requireNotShared(host, output);
  if (files.info(output, { followLinks: false })?.kind !== "link") return;
  throw new VaultError("unsafe-file", `Cannot write ${quote(output)}: it is a symbolic link`, {
    hints: ["Name the file that it points to, or redirect standard output"],
  });
}

/** Throws `bad-usage` for a file of profiles, all of which would be lost. */
function requireNotShared(host: Invocation["host"], output: string): void {
  const real = (path: string) => host.files.realPath(path);
  const found = real(output);
  if (found === undefined) return;
  const isShared = [configPath, credentialsPath].some((pathOf) => real(pathOf(host)) === found);
  if (!isShared) return;
  throw new VaultError("bad-usage", `Cannot write ${quote(output)}: its profiles would be lost`, {
    hints: ["To write one section of it: --format=ini --section NAME"],
  });
}

/** The required remaining lifetime of the credentials, in seconds. */
function minTtlOf(
  { minTtl = 0, forceRefresh }: PrintFlags,
  format: ExportFormat,
  { plan }: ProfilePlan,
): number {
  // No cached credentials live that long; the newly obtained ones are cached for everyone.
  if (forceRefresh) return Number.MAX_SAFE_INTEGER;
  return Math.max(minTtl, format === "json" ? sdkMinTtlSeconds(grantedSeconds(plan)) : 0);
}

/**
 * Credentials granted for 15 minutes, such as those of a root user task, never live longer: they are used for
 * half their lifetime, otherwise every call of an SDK would be one to AWS.
 */
function sdkMinTtlSeconds(granted: number): number {
  return granted === 0 ? SDK_MIN_TTL_SECONDS : Math.min(SDK_MIN_TTL_SECONDS, granted / 2);
}
