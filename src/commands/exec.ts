import { execChild } from "../exec/child.ts";
import { type CredentialAccess, renderChildEnvironment } from "../exec/environment.ts";
import { defaultShell } from "../exec/shell.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import type { CommandContext, Invocation } from "./context.ts";
import { exportCredentials } from "./export.ts";
import { noteKeyState } from "./key_notes.ts";
import { chooseAccess, planAccess } from "./plan_access.ts";
import { handOut } from "./hand_out.ts";
import { notePlan } from "./obtain_planned.ts";
import { resolveServer, type ServerFlags } from "./server_flags.ts";

/** The flags of `exec`. */
export interface ExecFlags extends ServerFlags {
  readonly json?: boolean | undefined;
  readonly logArguments?: boolean | undefined;
}

/** `exec [PROFILE] [-- CMD ARGS…]`: runs a command, or a shell, with temporary credentials. */
export async function exec(
  this: CommandContext,
  flags: ExecFlags,
  ...words: string[]
): Promise<void> {
  const [named, ...unescaped] = words;
  if (flags.json) return await exportCredentials.call(this, { ...flags, format: "json" }, named);
  const kind = resolveServer(flags);
  const invocation = this.open(flags);
  const name = chooseAccess(invocation, flags, named);
  const child = [...unescaped, ...(this.childWords ?? [])];
  checkCommand(invocation, child[0]);
  noteNesting(invocation, name);
  const planned = await planAccess(invocation, flags, name);
  await noteKeyState(invocation, planned);
  notePlan(invocation, planned);
  const server = kind && await (await import("./exec_server.ts"))
    .openServer(this, invocation, { kind, flags, planned });
  try {
    const access: CredentialAccess = server?.access ??
      {
        kind: "credentials",
        credentials: await handOut(invocation, flags, planned, {
          by: "exec",
          command: child,
          logArguments: flags.logArguments,
        }),
      };
    const env = renderChildEnvironment(invocation.host.env.all(), {
      profile: name,
      region: planned.profile.region,
      endpointUrl: planned.profile.endpoint.endpointUrl,
      access,
      ignoreCase: invocation.host.platform.os === "windows",
    });
    const shell = defaultShell(invocation.host.env.all(), invocation.host.platform.os);
    const [command = shell, ...args] = child;
    await invocation.close();
    await invocation.shutOutChild();
    const isAttended = server !== undefined;
    this.exitWith(await execChild(invocation.host, { command, args, env, attended: isAttended }));
  } finally {
    await server?.close();
  }
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
