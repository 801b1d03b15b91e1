import { execChild } from "../exec/child.ts";
import { renderChildEnvironment } from "../exec/environment.ts";
import { defaultShell } from "../exec/shell.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { CommandContext, CredentialFlags, Session } from "./context.ts";
import { exportCredentials } from "./export.ts";
import { noteKeyState } from "./key_notes.ts";
import { chooseProfile, obtainPlanned, planForProfile } from "./profile_plan.ts";

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
  const session = this.open(flags);
  const name = chooseProfile(session, named);
  const child = [...unescaped, ...(this.childWords ?? [])];
  checkCommand(session, child[0]);
  noteNesting(session, name);
  const planned = await planForProfile(session, flags, name);
  await noteKeyState(session, planned);
  const credentials = await obtainPlanned(session, flags, planned);
  const env = renderChildEnvironment(session.host.env.all(), {
    profile: name,
    region: planned.profile.region,
    endpointUrl: planned.profile.endpoint.endpointUrl,
    access: { kind: "credentials", credentials },
    ignoreCase: session.host.platform.os === "windows",
  });
  const shell = defaultShell(session.host.env.all(), session.host.platform.os);
  const [command = shell, ...args] = child;
  await session.close();
  this.exitWith(await execChild(session.host, { command, args, env }));
}

/** A command that does not exist fails before anybody is asked for a code. */
function checkCommand(session: Session, command: string | undefined): void {
  if (command === undefined || session.host.programs.find(command) !== undefined) return;
  if (session.host.files.info(command) !== undefined && /[\\/]/.test(command)) return;
  throw new VaultError(
    "command-not-found",
    `Cannot run ${quote(command)}: there is no such command`,
    {
      hints: ["Check the spelling and PATH"],
    },
  );
}

function noteNesting(session: Session, name: string): void {
  const outer = session.host.env.get("AWS_VAULT");
  if (!outer || outer === name) return;
  session.talk.note(
    `Inside the environment of profile ${quote(outer)}; it is replaced by that of ${quote(name)}`,
  );
}
