import { editFile, readEditable } from "../config/edit_file.ts";
import { type BlockRequest, populateBlock, type Populated } from "../config/populate.ts";
import { VaultError } from "../errors.ts";
import { printLines } from "../print.ts";
import { counted, quote } from "../text.ts";
import type { CommandContext, Invocation, SignInFlags } from "./context.ts";
import { withFileLock } from "./file_lock.ts";
import { planProfiles } from "./generated_profiles.ts";
import { obtainAssignments } from "./sso_list.ts";
import { requireSsoTarget } from "./sso_target.ts";

/** The flags of `sso populate`. */
export interface SsoPopulateFlags extends SignInFlags {
  readonly template?: string | undefined;
  readonly filter?: readonly string[] | undefined;
  readonly region?: string | undefined;
  readonly prune?: boolean | undefined;
  readonly diff?: boolean | undefined;
}

/** `sso populate [NAME]`: writes a profile for each role that the person has into the config file. */
export async function ssoPopulate(
  this: CommandContext,
  flags: SsoPopulateFlags,
  name?: string,
): Promise<void> {
  const invocation = this.open(flags);
  const target = requireSsoTarget(invocation, flags, name);
  const session = target.login.session.name;
  if (session === undefined) {
    throw new VaultError("bad-config", "Cannot write profiles: the login has no sso-session", {
      hints: ["Add a section [sso-session NAME] with sso_start_url and sso_region"],
    });
  }
  const profiles = planProfiles({
    session,
    assignments: await obtainAssignments(invocation, target),
    template: flags.template,
    filters: flags.filter ?? [],
    region: flags.region,
  });
  const request = { session, profiles, prunes: flags.prune === true };
  if (flags.diff) return showDiff(invocation, request);
  report(invocation, await write(invocation, request));
}

function showDiff({ host, config }: Invocation, request: BlockRequest): void {
  const { path } = config();
  const { diff } = populateBlock(readEditable(host, path) ?? "", path, request);
  printLines(host.stdout, diff);
}

async function write(invocation: Invocation, request: BlockRequest): Promise<Populated> {
  const { path } = invocation.config();
  return await withFileLock(invocation, { path, profile: request.session }, () => {
    let populated: Populated | undefined;
    editFile(invocation.host, path, (text) => {
      populated = populateBlock(text, path, request);
      return populated.text;
    });
    return populated!;
  });
}

function report(invocation: Invocation, populated: Populated): void {
  const { talk } = invocation.host;
  const { added, changed, removed, stale, taken } = populated;
  talk.say(
    `${quote(invocation.config().path)}: ${counted(added.length, "profile")} added, ` +
      `${changed.length} changed, ${removed.length} removed`,
  );
  for (const name of taken) {
    talk.warn(
      `Profile ${quote(name)} is left unchanged: it is outside the part that this command writes`,
    );
  }
  if (stale.length > 0) {
    talk.hint(
      `${counted(stale.length, "profile")} of earlier runs ${
        stale.length === 1 ? "is" : "are"
      } no longer ` +
        "assigned or selected: remove with --prune",
    );
  }
}
