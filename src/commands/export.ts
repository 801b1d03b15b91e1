import { printDocument } from "../print.ts";
import type { CommandContext } from "./context.ts";
import { appendCredentials, type ExportFlags, renderCredentials } from "./export_formats.ts";
import { chooseAccess, planAccess } from "./plan_access.ts";
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
  const name = chooseAccess(invocation, flags, profile);
  const planned = await planAccess(invocation, flags, name);
  notePlan(invocation, planned);
  const minTtl = format === "json" ? SDK_MIN_TTL_SECONDS : undefined;
  const credentials = await obtainPlanned(invocation, flags, planned, minTtl);
  const region = planned.profile.region;
  const exported = { profile: name, region, credentials };
  appendCredentials(invocation.host, format, exported);
  printDocument(invocation.host.stdout, renderCredentials(format, exported));
}
