import { settleWishes } from "../credentials/policies.ts";
import { settingVariables } from "../config/setting_variables.ts";
import { execChild, SEPARATE_WORDS } from "../exec/child.ts";
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
  readonly profileEnv?: boolean | undefined;
}

/** `exec [PROFILE] [-- CMD ARGS…]`: runs a command, or a shell, with temporary credentials. */
export async function exec(
  this: CommandContext,
  flags: ExecFlags,
  ...words: string[]
): Promise<void> {
  if (flags.json) {
    return await exportCredentials.call(this, { ...flags, format: "json" }, words[0]);
  }
  const kind = resolveServer(flags);
  const invocation = this.open(flags, { isQuiet: true });
  const [named, ...typed] = await splitWords(invocation, flags, words, this.childWords ?? []);
  const name = await chooseAccess(invocation, flags, named);
  const shell = defaultShell(invocation.host.env.all(), invocation.host.platform.os);
  // An empty word is a script's variable for a command that was not given.
  const child = typed[0] === "" ? [shell, ...typed.slice(1)] : typed;
  checkCommand(invocation, child[0]);
  noteNesting(invocation, name);
  const planned = await planAccess(invocation, flags, name);
  await noteKeyState(invocation, planned);
  notePlan(invocation, planned);
  const server = kind && await (await import("./exec_server.ts"))
    .openServer(this, invocation, { kind, flags: settleWishes(invocation.host, flags), planned });
  try {
    const recipient = { by: "exec", command: child, logArguments: flags.logArguments };
    const access: CredentialAccess = server?.access ??
      (isProfileEnv(invocation, flags)
        ? await (await import("./exec_profile.ts")).prepareProfile(invocation, flags, planned, {
          ...recipient,
          name,
        })
        : {
          kind: "credentials",
          credentials: await handOut(invocation, flags, planned, recipient),
        });
    const env = renderChildEnvironment(planned.env.all(), {
      profile: name,
      settings: settingVariables(planned.profile),
      access,
      ignoreCase: invocation.host.platform.os === "windows",
    });
    const [command = shell, ...args] = child;
    await invocation.close();
    await invocation.shutOutChild();
    const isAttended = server !== undefined;
    this.exitWith(await execChild(invocation.host, { command, args, env, attended: isAttended }));
  } finally {
    await server?.close();
  }
}

/**
 * The named profile, and the command. `exec --duration=12h -- PROFILE CMD` is a line of aws-vault 7, in which
 * `--` only ends the flags; so the next word is the profile if none precedes the `--`, unless `AWS_PROFILE`
 * names one and the word is a program.
 */
async function splitWords(
  invocation: Invocation,
  { oidc }: ExecFlags,
  [named, ...unescaped]: readonly string[],
  childWords: readonly string[],
): Promise<[string | undefined, ...string[]]> {
  const [first, ...rest] = childWords;
  if (named !== undefined || first === undefined || oidc !== undefined) {
    return [named, ...unescaped, ...childWords];
  }
  const { host } = invocation;
  const isProgram = host.programs.find(first) !== undefined;
  if (isProgram && host.env.get("AWS_PROFILE")) return [undefined, ...childWords];
  const isProfile = invocation.config().hasProfile(first) ||
    await (await invocation.keyring()).has(first);
  const isMeant = isProfile || !isProgram && !host.env.get("AWS_PROFILE");
  return isMeant ? [first, ...rest] : [undefined, ...childWords];
}

/** Fails for a command that does not exist, before anybody is asked for a code. */
function checkCommand(invocation: Invocation, command: string | undefined): void {
  if (command === undefined || invocation.host.programs.find(command) !== undefined) return;
  if (invocation.host.files.info(command) !== undefined && /[\\/]/.test(command)) return;
  throw new VaultError(
    "command-not-found",
    `Cannot run ${quote(command)}: there is no such command`,
    { hints: [hintAtCommand(command)] },
  );
}

function hintAtCommand(command: string): string {
  if (/\s/.test(command)) return SEPARATE_WORDS;
  return /[\\/]/.test(command) ? "Check the spelling" : "Check the spelling and PATH";
}

/** As in aws-vault 7, where any non-empty value was a yes. */
function isProfileEnv({ host }: Invocation, { profileEnv }: ExecFlags): boolean {
  return profileEnv ?? !/^(|0|f|false|no|off)$/i.test(host.env.get("AWS_VAULT_PROFILE_ENV") ?? "");
}

function noteNesting(invocation: Invocation, name: string): void {
  const outer = invocation.host.env.get("AWS_VAULT");
  if (!outer || outer === name) return;
  invocation.host.talk.note(
    `Inside the environment of profile ${quote(outer)}; it is replaced by that of ${quote(name)}`,
  );
}
