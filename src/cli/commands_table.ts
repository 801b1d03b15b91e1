/**
 * The commands: their flags and arguments here, their code in `src/commands`, loaded when it runs.
 *
 * Plain values in stricli's form, so that a plain line can be read without loading stricli.
 */

import type { BaseArgs, BaseFlags, CommandBuilderArguments } from "@stricli/core";
import type { AddFlags } from "../commands/add.ts";
import type { ChangePassphraseFlags } from "../commands/change_passphrase.ts";
import type { ClearFlags } from "../commands/clear.ts";
import type { CompletionFlags } from "../commands/completion.ts";
import type { CommandContext } from "../commands/context.ts";
import type { DoctorFlags } from "../commands/doctor.ts";
import type { ExecFlags } from "../commands/exec.ts";
import type { ExplainFlags } from "../commands/explain.ts";
import type { ExportFlags, ExportFormat } from "../commands/export_formats.ts";
import type { GrantFlags } from "../commands/grant.ts";
import type { GrantFormat } from "../commands/grant_formats.ts";
import type { ListFlags } from "../commands/list.ts";
import type { ListOrder } from "../commands/list_order.ts";
import type { LockFlags } from "../commands/lock.ts";
import type { LogFlags } from "../commands/log.ts";
import type { LoginFlags } from "../commands/login.ts";
import type { ImportFlags } from "../commands/import.ts";
import type { MfaEnrollFlags } from "../commands/mfa_enroll.ts";
import type { MfaForgetFlags } from "../commands/mfa_forget.ts";
import type { MfaResyncFlags } from "../commands/mfa_resync.ts";
import type { MigrateBackendFlags } from "../commands/migrate_backend.ts";
import type { ProxyFlags } from "../commands/proxy.ts";
import type { RemoveFlags } from "../commands/remove.ts";
import type { RestoreFlags } from "../commands/restore.ts";
import type { RotateFlags } from "../commands/rotate_flags.ts";
import type { ServeFlags } from "../commands/serve.ts";
import type { ShellHookFlags } from "../commands/shell_hook.ts";
import type { ShellUseFlags } from "../commands/shell_use.ts";
import type { SetupFlags } from "../commands/setup_steps.ts";
import type { SsoExportFlags } from "../commands/sso_export.ts";
import type { SsoListFlags } from "../commands/sso_list.ts";
import type { SsoLoginFlags } from "../commands/sso_login.ts";
import type { SsoLogoutFlags } from "../commands/sso_logout.ts";
import type { SsoPopulateFlags } from "../commands/sso_populate.ts";
import type { SsoStatusFlags } from "../commands/sso_status.ts";
import type { UnlockFlags } from "../commands/unlock.ts";
import type { VersionFlags } from "../commands/version.ts";
import { parseCount } from "../backend_option.ts";
import type { WhoamiFlags } from "../commands/whoami.ts";
import { parseDuration } from "../duration.ts";
import {
  ACCESS_FLAGS,
  CREDENTIAL_ALIASES,
  CREDENTIAL_FLAGS,
  GLOBAL_FLAGS,
  type GlobalFlag,
  limit,
  NARROWING_FLAGS,
  optionalCount,
  optionalFlag,
  optionalText,
  optionalValue,
  parseAge,
  parseDays,
  PICK_FLAGS,
  PLAN_ALIASES,
  PLAN_FLAGS,
  ROLE_FLAGS,
  SIGN_IN_FLAGS,
} from "./flags.ts";
import type { PlainParameters } from "./plain_line.ts";

/** The definition from which stricli makes a command. */
export type CommandDefinition = CommandBuilderArguments<BaseFlags, BaseArgs, CommandContext>;

/**
 * Checks a definition against the flags and arguments of its command's function.
 *
 * It is made when somebody looks at it, and once: making all of them takes a hundredth of the time of a
 * cached call (measured).
 */
function define<
  const FLAGS extends Readonly<Partial<Record<keyof FLAGS, unknown>>>,
  const ARGS extends BaseArgs,
>(make: () => CommandBuilderArguments<FLAGS, ARGS, CommandContext>): () => CommandDefinition {
  let made: CommandDefinition | undefined;
  return () => made ??= make() as unknown as CommandDefinition;
}

const text = (value: string): string => value;
const flag = optionalFlag;
const hiddenFlag = (brief: string) => ({ ...flag(brief), hidden: true }) as const;
const profile = { parse: text, placeholder: "profile", brief: "Name of the profile" } as const;
const optionalProfile = {
  ...profile,
  optional: true,
  brief: "Name of the profile (default AWS_PROFILE)",
} as const;

const add = define<AddFlags, [string]>(() => ({
  loader: async () => (await import("../commands/add.ts")).add,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      env: flag("Take the key from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
      noAddConfig: flag("Do not add the profile to the config file"),
      force: flag("Replace a stored key without asking"),
      verify: flag("Ask AWS whose key it is before storing it (default for a typed key)"),
      noVerify: flag("Do not ask AWS whose key it is"),
      region: optionalText("Region to write into the profile", "region"),
      mfaSerial: optionalText("MFA device to write into the profile: its ARN or number", "arn"),
      certificate: optionalText(
        "Store a certificate for Roles Anywhere instead (PEM, DER or PKCS#12)",
        "file",
      ),
      privateKey: optionalText("Its private key, if that is in another file", "file"),
      deleteSource: flag("Delete the file of the private key once it is stored"),
      mfaSecret: flag(
        "Store the seed of the profile's MFA device, too, typed or from standard input",
      ),
      addConfig: hiddenFlag("Add the profile to the config file (the default)"),
    },
    positional: { kind: "tuple", parameters: [profile] },
    aliases: { f: "force" },
  },
  docs: { brief: "Store a long-term access key" },
}));

/** Where a server listens. */
const LISTEN_FLAGS = {
  port: optionalCount("--port", "Port of the server (default: a free one)", "port"),
  address: optionalText("Address of the server (default 127.0.0.1)", "address"),
  iKnowWhatIExpose: flag("Allow an address that other machines or containers can reach"),
} as const;

const exec = define<ExecFlags, string[]>(() => ({
  loader: async () => (await import("../commands/exec.ts")).exec,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      ...ACCESS_FLAGS,
      server: flag("Serve the credentials from a local server that renews them"),
      ecsServer: hiddenFlag("The same as --server"),
      lazy: flag("Obtain the credentials at the first request to the server"),
      ...LISTEN_FLAGS,
      tokenFile: flag("Give the command the server's token in a file"),
      allowRole: {
        kind: "parsed",
        parse: text,
        optional: true,
        variadic: true,
        brief: "Roles that programs may request from the server; * matches any text",
        placeholder: "arn",
      },
      ec2Server: flag("Serve as EC2 instance metadata at 169.254.169.254, using sudo"),
      imdsPort: optionalCount(
        "--imds-port",
        "Serve as EC2 instance metadata on this port (0: a free one)",
        "port",
      ),
      imdsV1: flag("Also answer metadata requests without a token"),
      json: hiddenFlag("Print the credentials as JSON for credential_process"),
      profileEnv: flag(
        "Give the command only the profile's name; SDKs obtain the credentials [AWS_VAULT_PROFILE_ENV]",
      ),
      logArguments: flag("Also record the command's arguments (see log)"),
    },
    positional: {
      kind: "array",
      parameter: {
        parse: text,
        placeholder: "[profile] [-- command args…]",
        brief: "Profile (default AWS_PROFILE), then the command (default $SHELL)",
      },
    },
    aliases: { ...CREDENTIAL_ALIASES, j: "json", s: "server" },
  },
  docs: {
    brief: "Run a command with temporary credentials in its environment",
    customUsage: ["[flags] [profile] [-- command args...]"],
  },
}));

const login = define<LoginFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/login.ts")).login,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      ...CREDENTIAL_FLAGS,
      ...ROLE_FLAGS,
      ...PICK_FLAGS,
      ...NARROWING_FLAGS,
      stdout: flag("Print the address instead of opening a browser [AWS_VAULT_STDOUT]"),
      path: optionalText("Page of the console: a path, or an address from a browser", "path"),
      service: optionalText("Page of this service, such as ec2", "service"),
      container: optionalValue(
        "Open in the Firefox container of this name (default: the profile's)",
        "name",
        "{profile}",
      ),
      browserProfile: optionalText(
        "Open in this profile of the browser: firefox, chrome, chromium, edge, brave",
        "name",
      ),
      autoLogout: flag("Sign out of the console first [AWS_VAULT_AUTO_LOGOUT]"),
    },
    positional: { kind: "tuple", parameters: [optionalProfile] },
    aliases: { ...CREDENTIAL_ALIASES, s: "stdout", a: "autoLogout" },
  },
  docs: { brief: "Open the AWS console in a browser" },
}));

/** Each names a row of `src/commands/export_formats.ts`. */
const EXPORT_FORMATS = [
  "env",
  "export-env",
  "json",
  "ini",
  "fish",
  "powershell",
  "pwsh",
  "cmd",
  "nushell",
  "dotenv",
  "docker-env",
  "systemd-env",
  "github-env",
  "terraform",
] as const satisfies readonly ExportFormat[];

const PRINT_FLAGS = {
  format: {
    kind: "enum",
    values: EXPORT_FORMATS,
    placeholder: "format",
    optional: true,
    brief: `Output format (default env): ${EXPORT_FORMATS.slice(1).join(", ")}`,
  },
  output: optionalText("Write to this file, readable only by you", "file"),
  minTtl: {
    kind: "parsed",
    parse: (value: string) => parseDuration(value, "--min-ttl"),
    optional: true,
    brief: "Obtain new credentials if cached ones have less time left, such as 30m",
    placeholder: "duration",
  },
  forceRefresh: flag("Obtain new credentials, and cache them"),
  section: optionalText("With --format=ini --output: write only this section of the file", "name"),
  for: {
    kind: "parsed",
    parse: (value: string) => parseDuration(value, "--for"),
    optional: true,
    brief: "When clear removes the section (default: when the credentials expire)",
    placeholder: "duration",
  },
} as const;

const exportCommand = define<ExportFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/export.ts")).exportCredentials,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      ...ACCESS_FLAGS,
      ...PRINT_FLAGS,
    },
    positional: { kind: "tuple", parameters: [optionalProfile] },
    aliases: CREDENTIAL_ALIASES,
  },
  docs: { brief: "Print temporary credentials for a shell, a file or an SDK" },
}));

const serve = define<ServeFlags, string[]>(() => ({
  loader: async () => (await import("../commands/serve.ts")).serve,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      duration: PLAN_FLAGS.duration,
      region: PLAN_FLAGS.region,
      mfaToken: CREDENTIAL_FLAGS.mfaToken,
      grant: {
        kind: "parsed",
        parse: text,
        optional: true,
        variadic: true,
        brief: "Let programs with this grant read these profiles while the server runs",
        placeholder: "name=profile[,profile]",
      },
      ...NARROWING_FLAGS,
      lazy: flag("Obtain credentials at their first request"),
      ...LISTEN_FLAGS,
      background: flag("Serve in the background, without a terminal"),
      stop: flag("Stop the server"),
      printUnit: flag("Print a systemd or launchd unit that runs the server"),
    },
    positional: {
      kind: "array",
      parameter: {
        parse: text,
        placeholder: "[profile…]",
        brief: "Profiles that may be granted (default: any)",
      },
    },
    aliases: { d: "duration", t: "mfaToken" },
  },
  docs: {
    brief: "Serve credentials to many programs, each with its own grant",
    customUsage: ["[flags] [profile...]"],
  },
}));

const grant = define<GrantFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/grant.ts")).grant,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      mfaToken: CREDENTIAL_FLAGS.mfaToken,
      for: limit({
        kind: "parsed",
        parse: (value: string) => parseDuration(value, "--for"),
        optional: true,
        brief: "How long the grant lasts, such as 30m (default 8h)",
        placeholder: "duration",
      }),
      name: optionalText("Name of the grant (default: the profile's)", "name"),
      ...NARROWING_FLAGS,
      format: {
        kind: "enum",
        values: [
          "env",
          "export-env",
          "docker-env",
          "json",
        ] as const satisfies readonly GrantFormat[],
        optional: true,
        brief: "Output format (default env)",
      },
      list: flag("List the grants of the server"),
      revoke: optionalText("End this grant", "name"),
    },
    positional: { kind: "tuple", parameters: [optionalProfile] },
    aliases: { t: "mfaToken" },
  },
  docs: { brief: "Let a program read one profile from the server of serve" },
}));

const explain = define<ExplainFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/explain.ts")).explain,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      ...PLAN_FLAGS,
      ...ROLE_FLAGS,
      ...PICK_FLAGS,
      ...NARROWING_FLAGS,
      json: flag("As JSON"),
    },
    positional: { kind: "tuple", parameters: [optionalProfile] },
    aliases: PLAN_ALIASES,
  },
  docs: { brief: "Show which calls a profile needs and why, and its settings, offline" },
}));

const whoami = define<WhoamiFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/whoami.ts")).whoami,
  parameters: {
    flags: { ...GLOBAL_FLAGS, ...ACCESS_FLAGS, json: flag("As JSON") },
    positional: {
      kind: "tuple",
      parameters: [{
        ...profile,
        optional: true,
        brief: "Name of the profile (default: the credentials of the environment, AWS_PROFILE)",
      }],
    },
    aliases: CREDENTIAL_ALIASES,
  },
  docs: { brief: "Show the AWS identity of the credentials, and how they were obtained" },
}));

const doctor = define<DoctorFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/doctor.ts")).doctor,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      json: flag("As JSON"),
      fix: flag("Fix what can be fixed safely, and report it"),
      offline: flag("Make no network requests"),
    },
    positional: {
      kind: "tuple",
      parameters: [{ ...profile, optional: true, brief: "Check only this profile" }],
    },
  },
  docs: { brief: "Find problems with the keystore, the config file and the machine" },
}));

const log = define<LogFlags, []>(() => ({
  loader: async () => (await import("../commands/log.ts")).log,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      since: {
        kind: "parsed",
        parse: parseAge,
        optional: true,
        brief: "Only uses within this time, such as 2d or 90m",
        placeholder: "age",
      },
      profile: optionalText("Only uses of this profile", "profile"),
      key: optionalText("Only uses of this access key ID, or of IDs that begin with it", "key id"),
      json: flag("As JSON, one object per line"),
      follow: flag("Keep printing uses as they are recorded"),
    },
  },
  docs: { brief: "Show which program had credentials, and when" },
}));

/** Each names a row of `src/commands/list_order.ts`. */
const LIST_ORDERS = [
  "file",
  "name",
  "account",
  "age",
  "expiration",
] as const satisfies readonly ListOrder[];

const list = define<ListFlags, []>(() => ({
  loader: async () => (await import("../commands/list.ts")).list,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      profiles: flag("Only the names of profiles"),
      credentials: flag("Only the names of stored keys"),
      sessions: flag("Only the cached sessions"),
      long: flag("With age, account, role, region and key ID, and sessions in full"),
      tree: flag("Who assumes roles from whom, by source_profile"),
      sort: {
        kind: "enum",
        values: LIST_ORDERS,
        placeholder: "order",
        optional: true,
        brief: `Order of the rows (default file): ${LIST_ORDERS.slice(1).join(", ")}`,
      },
      json: flag("As JSON"),
    },
  },
  docs: { brief: "List profiles, stored keys and cached sessions" },
}));

const remove = define<RemoveFlags, [string]>(() => ({
  loader: async () => (await import("../commands/remove.ts")).remove,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      force: flag("Remove without asking"),
      sessionsOnly: hiddenFlag("Remove only the sessions of the profile"),
    },
    positional: { kind: "tuple", parameters: [profile] },
    aliases: { f: "force", s: "sessionsOnly" },
  },
  docs: { brief: "Remove a stored key and its sessions" },
}));

const restore = define<RestoreFlags, [string]>(() => ({
  loader: async () => (await import("../commands/restore.ts")).restore,
  parameters: {
    flags: { ...GLOBAL_FLAGS },
    positional: { kind: "tuple", parameters: [profile] },
  },
  docs: { brief: "Swap a stored key with the one that it replaced, within 30 days" },
}));

const clear = define<ClearFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/clear.ts")).clear,
  parameters: {
    flags: { ...GLOBAL_FLAGS },
    positional: { kind: "tuple", parameters: [{ ...profile, optional: true }] },
  },
  docs: { brief: "Remove cached sessions, of one profile or of all" },
}));

const changePassphrase = define<ChangePassphraseFlags, []>(() => ({
  loader: async () => (await import("../commands/change_passphrase.ts")).changePassphrase,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      newPassphraseFd: optionalCount(
        "--new-passphrase-fd",
        "Read the new passphrase from this descriptor",
        "number",
      ),
      newPassphraseCommand: optionalText("Run this program for the new passphrase", "command"),
    },
  },
  docs: { brief: "Encrypt the file store again, with another passphrase" },
}));

const wantedText = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: text, brief, placeholder }) as const;

const migrateBackend = define<MigrateBackendFlags, []>(() => ({
  loader: async () => (await import("../commands/migrate_backend.ts")).migrateBackend,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      from: wantedText("Back end that has the keys", "name"),
      to: wantedText("Back end to store them in", "name"),
      profile: optionalText("Only the key of this profile", "profile"),
      dryRun: flag("Show what would be done"),
      overwrite: flag("Replace other keys of the same profiles"),
      deleteSource: flag("Remove each key from the old back end once its copy is verified"),
    },
  },
  docs: { brief: "Copy or move stored keys from one back end to another" },
}));

const importKeys = define<ImportFlags, []>(() => ({
  loader: async () => (await import("../commands/import.ts")).importKeys,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      from: optionalText("Credentials file (default ~/.aws/credentials)", "file"),
      csv: optionalText("File with access keys from the IAM console instead", "file"),
      profile: optionalText(
        "Only this profile; with --csv: the name to store the key under",
        "profile",
      ),
      force: flag("Replace stored keys without asking"),
      noAddConfig: flag("Do not add profiles to the config file"),
      dryRun: flag("Show what would be done"),
      deleteSource: flag("Remove the plain keys from the file once they are stored"),
    },
    aliases: { f: "force" },
  },
  docs: { brief: "Store the keys of a credentials file or of the console's CSV file" },
}));

const rotate = define<RotateFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/rotate.ts")).rotate,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      ...CREDENTIAL_FLAGS,
      ...PICK_FLAGS,
      resume: flag("Continue an interrupted rotation"),
      keepOld: flag("Deactivate the old key instead of deleting it"),
      deleteOther: {
        kind: "parsed",
        parse: text,
        optional: true,
        brief: "Delete this other key of the user, to make room",
        placeholder: "key id",
      },
      nothingWasCreated: flag("State that the interrupted CreateAccessKey created no key"),
      all: flag("Rotate every stored key"),
      olderThan: {
        kind: "parsed",
        parse: parseDays,
        optional: true,
        brief: "Only keys older than this, such as 90d",
        placeholder: "days",
      },
      dryRun: flag("Show what would be done"),
    },
    positional: { kind: "tuple", parameters: [optionalProfile] },
    aliases: CREDENTIAL_ALIASES,
  },
  docs: { brief: "Replace a stored key with a new one, and delete the old one" },
}));

const lock = define<LockFlags, []>(() => ({
  loader: async () => (await import("../commands/lock.ts")).lock,
  parameters: { flags: { ...GLOBAL_FLAGS } },
  docs: { brief: "Lock the items of the file store that this login session has unlocked" },
}));

const unlock = define<UnlockFlags, []>(() => ({
  loader: async () => (await import("../commands/unlock.ts")).unlock,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      all: flag("Unlock every stored key, not only the cached sessions"),
      for: {
        kind: "parsed",
        parse: (value: string) => parseDuration(value, "--for"),
        optional: true,
        brief: "For how long, such as 1h [AWS_VAULT_FILE_UNLOCK_TTL]",
        placeholder: "duration",
      },
    },
  },
  docs: { brief: "Unlock the file store in this login session for a while" },
}));

const loginName = {
  parse: text,
  placeholder: "sso-session",
  brief: "Name of an sso-session or a profile (default AWS_PROFILE, else the only sso-session)",
  optional: true,
} as const;
const loginNames = { kind: "tuple", parameters: [loginName] } as const;
const requiredText = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: text, brief, placeholder }) as const;

const ssoLogin = define<SsoLoginFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/sso_login.ts")).ssoLogin,
  parameters: { flags: { ...GLOBAL_FLAGS, ...SIGN_IN_FLAGS }, positional: loginNames },
  docs: { brief: "Sign in to IAM Identity Center" },
}));

const ssoLogout = define<SsoLogoutFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/sso_logout.ts")).ssoLogout,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      all: flag("All stored logins"),
      ssoCache: SIGN_IN_FLAGS.ssoCache,
    },
    positional: loginNames,
  },
  docs: { brief: "Sign out of IAM Identity Center, here and at AWS" },
}));

const ssoStatus = define<SsoStatusFlags, []>(() => ({
  loader: async () => (await import("../commands/sso_status.ts")).ssoStatus,
  parameters: { flags: { ...GLOBAL_FLAGS, json: flag("As JSON") } },
  docs: { brief: "Show the logins to IAM Identity Center, without asking AWS" },
}));

const ssoList = define<SsoListFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/sso_list.ts")).ssoList,
  parameters: {
    flags: { ...GLOBAL_FLAGS, ...SIGN_IN_FLAGS, json: flag("As JSON") },
    positional: loginNames,
  },
  docs: { brief: "List the accounts and roles that you have in IAM Identity Center" },
}));

const ssoPopulate = define<SsoPopulateFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/sso_populate.ts")).ssoPopulate,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      ...SIGN_IN_FLAGS,
      template: optionalText("Template for profile names (default {account}-{role})", "text"),
      filter: {
        kind: "parsed",
        parse: text,
        optional: true,
        variadic: true,
        brief: "Only these, as ACCOUNT/ROLE; * matches any text",
        placeholder: "pattern",
      },
      region: optionalText("Region of new profiles", "region"),
      prune: flag("Remove profiles of earlier runs that no longer belong to a role"),
      diff: flag("Print what would change, and change nothing"),
    },
    positional: loginNames,
  },
  docs: { brief: "Write a profile for each of these roles into the config file" },
}));

const ssoExport = define<SsoExportFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/sso_export.ts")).ssoExport,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      ...SIGN_IN_FLAGS,
      account: requiredText("The account's number", "account"),
      role: requiredText("The role's name", "role"),
      ...PRINT_FLAGS,
      region: optionalText("AWS region to print", "region"),
      noCache: CREDENTIAL_FLAGS.noCache,
    },
    positional: loginNames,
  },
  docs: { brief: "Print credentials of such a role, without a profile" },
}));

const setup = define<SetupFlags, []>(() => ({
  loader: async () => (await import("../commands/setup.ts")).setup,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      yes: flag("Do everything that removes nothing, without asking"),
      import: flag("Store the plain keys of ~/.aws/credentials"),
      noImport: flag("Leave the plain keys where they are"),
      deleteSource: flag("Remove plain keys from the file once they are stored"),
      sso: flag("Sign in to IAM Identity Center, and write a profile for each role"),
      noSso: flag("Do not sign in"),
      add: optionalText("Store a typed key, for this profile", "profile"),
      noBrowser: SIGN_IN_FLAGS.noBrowser,
      ssoDeviceCode: SIGN_IN_FLAGS.ssoDeviceCode,
    },
  },
  docs: { brief: "Set up aws-vault with the keys and logins found on this machine" },
}));

const mfaEnroll = define<MfaEnrollFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/mfa_enroll.ts")).mfaEnroll,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      deviceName: optionalText("Name of the device (default: the user's)", "name"),
      store: flag("Keep its seed in the keystore, and generate codes from it"),
      replace: flag("Delete an unused device of the same name"),
      noSession: PLAN_FLAGS.noSession,
      mfaToken: CREDENTIAL_FLAGS.mfaToken,
    },
    positional: { kind: "tuple", parameters: [optionalProfile] },
    aliases: { n: "noSession", t: "mfaToken" },
  },
  docs: { brief: "Create a virtual MFA device for the user of a stored key" },
}));

const mfaForget = define<MfaForgetFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/mfa_forget.ts")).mfaForget,
  parameters: {
    flags: { ...GLOBAL_FLAGS, force: flag("Forget it without asking") },
    positional: {
      kind: "tuple",
      parameters: [{
        ...optionalProfile,
        brief: "Name of the profile (default AWS_PROFILE), or the ARN of a device",
      }],
    },
    aliases: { f: "force" },
  },
  docs: { brief: "Remove the stored seed of an MFA device" },
}));

const mfaResync = define<MfaResyncFlags, [string?]>(() => ({
  loader: async () => (await import("../commands/mfa_resync.ts")).mfaResync,
  parameters: {
    flags: { ...GLOBAL_FLAGS },
    positional: { kind: "tuple", parameters: [optionalProfile] },
  },
  docs: { brief: "Synchronize an MFA device whose clock is off" },
}));

const completion = define<CompletionFlags, [string]>(() => ({
  loader: async () => {
    const { SHELLS } = await import("./completion_shells.ts");
    const { renderScript } = await import("./completion_scripts.ts");
    const { printCompletion } = await import("../commands/completion.ts");
    return printCompletion({ shells: SHELLS, render: renderScript });
  },
  parameters: {
    flags: { ...GLOBAL_FLAGS },
    positional: {
      kind: "tuple",
      parameters: [{ parse: text, placeholder: "shell", brief: "bash, zsh, fish or pwsh" }],
    },
  },
  docs: { brief: "Print the completion script of a shell" },
}));

const hookedShell = {
  parse: text,
  placeholder: "shell",
  brief: "bash, zsh, fish, powershell or nushell",
} as const;

const shellHook = define<ShellHookFlags, [string]>(() => ({
  loader: async () => (await import("../commands/shell_hook.ts")).shellHook,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      minTtl: {
        kind: "parsed",
        parse: (value: string) => parseDuration(value, "--min-ttl"),
        optional: true,
        brief:
          "Before a prompt, renew credentials with less time left, unless somebody has to be asked (default 10m)",
        placeholder: "duration",
      },
      noSegment: flag("Leave the prompt as it is"),
    },
    positional: { kind: "tuple", parameters: [hookedShell] },
  },
  docs: { brief: "Print what defines avs in a shell: credentials for the running shell" },
}));

const shellUse = define<ShellUseFlags, [string, string?]>(() => ({
  loader: async () => (await import("../commands/shell_use.ts")).shellUse,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      ...ACCESS_FLAGS,
      minTtl: PRINT_FLAGS.minTtl,
      off: flag("Remove from the shell what avs has set"),
      again: hiddenFlag("Before a prompt: ask nobody"),
    },
    positional: { kind: "tuple", parameters: [hookedShell, optionalProfile] },
    aliases: CREDENTIAL_ALIASES,
  },
  docs: { brief: "Run by avs: print what the hook of a shell evaluates" },
}));

const proxy = define<ProxyFlags, []>(() => ({
  loader: async () => (await import("../commands/proxy.ts")).proxy,
  parameters: {
    flags: {
      ...GLOBAL_FLAGS,
      port: {
        kind: "parsed",
        parse: (value: string) => parseCount(value, "--port"),
        optional: true,
        brief: "Port of the metadata service on 127.0.0.1",
        placeholder: "port",
      },
    },
  },
  docs: { brief: "Serve the address of EC2 metadata, for exec --ec2-server, which starts it" },
}));

const version = define<VersionFlags, []>(() => ({
  loader: async () => (await import("../commands/version.ts")).printVersion,
  parameters: { flags: { ...GLOBAL_FLAGS } },
  docs: { brief: "Print the version" },
}));

/** All commands by their names, in the order of the help. */
const COMMANDS: Readonly<Record<string, () => CommandDefinition>> = {
  setup,
  add,
  list,
  exec,
  export: exportCommand,
  login,
  serve,
  grant,
  explain,
  whoami,
  doctor,
  log,
  rotate,
  remove,
  restore,
  clear,
  import: importKeys,
  "migrate-backend": migrateBackend,
  "change-passphrase": changePassphrase,
  lock,
  unlock,
  "sso login": ssoLogin,
  "sso logout": ssoLogout,
  "sso status": ssoStatus,
  "sso list": ssoList,
  "sso populate": ssoPopulate,
  "sso export": ssoExport,
  "mfa enroll": mfaEnroll,
  "mfa resync": mfaResync,
  "mfa forget": mfaForget,
  completion,
  "shell-hook": shellHook,
  "shell-use": shellUse,
  proxy,
  version,
};

/** The names of all commands, in the order of the help. */
export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

/** Commands that only this program runs. */
export const HIDDEN_COMMANDS: readonly string[] = ["proxy", "shell-use"];

/** A command by its name, without the flags of every command; `undefined` if there is none. */
export function findCommand(name: string): CommandDefinition | undefined {
  // Somebody typed the name: do not find members of the prototype.
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name]?.() : undefined;
}

/** The parameters of all commands, for a flag that precedes the command's name. */
export function allParameters(): PlainParameters[] {
  return Object.values(COMMANDS).map((definitionOf) => definitionOf().parameters);
}

/** All commands by their names, each including the flags of every command. */
export function buildCommands(
  globalFlags: Readonly<Record<string, GlobalFlag>>,
): Readonly<Record<string, CommandDefinition>> {
  const commands = Object.entries(COMMANDS).map(([name, definitionOf]) =>
    [name, withGlobalFlags(definitionOf(), globalFlags)] as const
  );
  return Object.fromEntries(commands);
}

/** A command including the flags of every command. */
export function withGlobalFlags(
  definition: CommandDefinition,
  globalFlags: Readonly<Record<string, GlobalFlag>>,
): CommandDefinition {
  const { parameters } = definition;
  const flags = { ...globalFlags, ...parameters.flags, ...globalFlags };
  return { ...definition, parameters: { ...parameters, flags } } as CommandDefinition;
}

/** The first words of two-word commands: `sso login`. */
export const COMMAND_GROUPS: ReadonlySet<string> = new Set(["sso", "mfa"]);

/** The short names that aws-vault users type. */
export const COMMAND_ALIASES: Readonly<Record<string, string>> = { ls: "list", rm: "remove" };

/** Whole lines that look at no profile. */
export const ALONE_LINES: ReadonlySet<string> = new Set(["version", "--version"]);

/** Commands whose words after `--` belong to a child process. */
export const COMMANDS_WITH_CHILD: ReadonlySet<string> = new Set(["exec"]);
