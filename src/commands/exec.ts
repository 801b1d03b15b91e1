import { chooseProfile, planForProfile } from "../credentials/profile_plan.ts";
import { execChild } from "../exec/child.ts";
import { renderChildEnvironment } from "../exec/environment.ts";
import { defaultShell } from "../exec/shell.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { CommandContext, CredentialFlags, Invocation } from "./context.ts";
import { exportCredentials } from "./export.ts";
import { noteKeyState } from "./key_notes.ts";
import { notePlan, obtainPlanned } from "./obtain_planned.ts";

/** The flags of `exec`. */
export interface ExecFlags extends CredentialFlags {
  readonly json?: boolean | undefined;
}

/** `exec [PROFILE] [-- CMD ARGS…]`: runs a command, or a shell, with temporary credentials. */
export async function exec(
  this: CommandContext,
  flags: ExecFlags,
  ...words: string[]
): Promise<void> {
  const [named, ...unescaped] = words;
  if (flags.json) return await exportCredentials.call(this, { ...flags, format: "json" }, named);
  const invocation = this.open(flags);
  const name = chooseProfile(invocation, named);
  const child = [...unescaped, ...(this.childWords ?? [])];
  checkCommand(invocation, child[0]);
  noteNesting(invocation, name);
  const planned = await planForProfile(invocation, flags, name);
  await noteKeyState(invocation, planned);
  notePlan(invocation, planned);
  const credentials = await obtainPlanned(invocation, flags, planned);
  const env = renderChildEnvironment(invocation.host.env.all(), {
    profile: name,
    region: planned.profile.region,
    endpointUrl: planned.profile.endpoint.endpointUrl,
    access: { kind: "credentials", credentials },
    ignoreCase: invocation.host.platform.os === "windows",
  });
  const shell = defaultShell(invocation.host.env.all(), invocation.host.platform.os);
  const [command = shell, ...args] = child;
  await invocation.close();
  await invocation.shutOutChild();
  this.exitWith(await execChild(invocation.host, { command, args, env }));
}

/** A command that does not exist fails before anybody is asked for a code. */
function checkCommand(invocation: Invocation, command: string | undefined): void {
  if (command === undefined || invocation.host.programs.find(command) !== undefined) return;
  if (invocation.host.files.info(command) !== undefined && /[\\/]/.test(command)) return;
  throw new VaultError(
    "command-not-found",
    `Cannot run ${quote(command)}: there is no such command`,
    {
      hints: ["Check the spelling and PATH"],
    },
  );
}

function noteNesting(invocation: Invocation, name: string): void {
  const outer = invocation.host.env.get("AWS_VAULT");
  if (!outer || outer === name) return;
  invocation.host.talk.note(
    `Inside the environment of profile ${quote(outer)}; it is replaced by that of ${quote(name)}`,
  );
}
