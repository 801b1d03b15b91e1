import { chooseProfile, planForProfile } from "../credentials/profile_plan.ts";
import { printDocument } from "../print.ts";
import type { CommandContext } from "./context.ts";
import { type ExportFlags, renderCredentials } from "./export_formats.ts";
import { notePlan, obtainPlanned } from "./obtain_planned.ts";

/**
 * What an SDK's credentials must still live, in seconds: SDKs renew 15 minutes before the end, so
 * that less would make each of their calls run us again (botocore, RefreshableCredentials).
 */
const SDK_MIN_TTL_SECONDS = 15 * 60;

/** `export [PROFILE]`: prints temporary credentials; inside an `exec` too, for scripts and SDKs. */
export async function exportCredentials(
  this: CommandContext,
  flags: ExportFlags,
  profile?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const format = flags.format ?? "env";
  const name = chooseProfile(invocation, profile);
  const planned = await planForProfile(invocation, flags, name);
  notePlan(invocation, planned);
  const minTtl = format === "json" ? SDK_MIN_TTL_SECONDS : undefined;
  const credentials = await obtainPlanned(invocation, flags, planned, minTtl);
  const region = planned.profile.region;
  const document = renderCredentials(format, { profile: name, region, credentials });
  printDocument(invocation.host.stdout, document);
}
