import type { ConfigFile } from "../config/profile.ts";
import { addProfile, requireAddable } from "../config/edit_file.ts";
import { isAccessKeyId, isProfileName } from "../credentials/entered_key.ts";
import { readStoredKey, writeStoredKey } from "../credentials/long_term_key.ts";
import type { LongTermKey } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { requireNoRotation } from "../migration/move_key.ts";
import { Secret } from "../secret.ts";
import { quote } from "../text.ts";
import { confirm } from "./confirm.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { withFileLock } from "./file_lock.ts";
import { forgetSessions, invalidateSessions } from "./forget.ts";
import { changeKey, hintAtReplaced, lookFirst } from "./key_change.ts";

/** The flags of `add`. */
export interface AddFlags extends GlobalFlags {
  readonly env?: boolean | undefined;
  readonly noAddConfig?: boolean | undefined;
  readonly force?: boolean | undefined;
}

interface Entered {
  readonly key: LongTermKey;
  readonly mfaSerial: string | undefined;
}

/** `add PROFILE`: stores a long-term key, and names the profile in the config file where it is not yet. */
export async function add(this: CommandContext, flags: AddFlags, profile: string): Promise<void> {
  const invocation = this.open(flags);
  checkName(profile);
  const config = invocation.config();
  const isConfigured = flags.noAddConfig === true || config.hasProfile(profile);
  // A config file that cannot be edited is found out before anything is asked or stored.
  if (!isConfigured) requireAddable(invocation.host, config, profile);
  const keyring = await invocation.keyring();
  const seen = await lookFirst(invocation, keyring, profile);
  await requireNoRotation(keyring, profile);
  const confirm = () => confirmReplacement(invocation, flags, profile);
  if (seen.isStored) await confirm();
  const entered = flags.env ? keyFromEnvironment(invocation) : await keyFromTerminal(invocation);
  const isForced = flags.force === true;
  const change = () => storeKey(invocation, keyring, profile, entered.key);
  await changeKey(invocation, keyring, { profile, seen, isForced, confirm, change });
  if (keyring.warning !== undefined) invocation.talk.warn(keyring.warning);
  await configureProfile(invocation, config, flags, profile, entered);
}

/** Under the key's lock: what stood in the way before may be gone, and the other way round. */
async function storeKey(
  invocation: Invocation,
  keyring: Keyring,
  profile: string,
  key: LongTermKey,
): Promise<void> {
  await requireNoRotation(keyring, profile);
  const before = await readStoredKey(keyring, profile).catch(() => undefined);
  const isSameId = before?.accessKeyId === key.accessKeyId;
  const otherFields = isSameId ? before.otherFields : {};
  const cache = await invocation.cache();
  await invalidateSessions(invocation, profile);
  await writeStoredKey(keyring, profile, key, otherFields);
  await forgetSessions(invocation, profile);
  if (!isSameId) cache.noteKeyCreated(profile, invocation.host.clock.now());
  invocation.talk.say(`Added credentials to profile ${quote(profile)} in vault`);
  if (before && !isSameId) hintAtReplaced(invocation, before.accessKeyId);
}

function checkName(profile: string): void {
  if (isProfileName(profile)) return;
  throw new VaultError(
    "bad-usage",
    `Cannot store a key for profile ${quote(profile)}: it is not a valid name`,
  );
}

/** True, or throws `conflict` where the person keeps the key. */
async function confirmReplacement(
  invocation: Invocation,
  flags: AddFlags,
  profile: string,
): Promise<true> {
  if (flags.force) return true;
  const question = `A key is already stored for profile ${quote(profile)}. Replace it?`;
  const needed = {
    message: `Cannot replace the key of profile ${quote(profile)}: nobody can be asked whether to`,
    hint: "Replace it without a question: --force",
  };
  if (!await confirm(invocation, question, needed)) {
    throw new VaultError("conflict", `The key of profile ${quote(profile)} was kept`);
  }
  return true;
}

function keyFromEnvironment(invocation: Invocation): Entered {
  const accessKeyId = required(invocation, "AWS_ACCESS_KEY_ID");
  const secret = required(invocation, "AWS_SECRET_ACCESS_KEY");
  if (invocation.host.env.get("AWS_SESSION_TOKEN")) {
    throw new VaultError(
      "bad-usage",
      "Cannot store temporary credentials: AWS_SESSION_TOKEN is set",
      { hints: ["Store the long-term key of an IAM user, whose id begins with AKIA"] },
    );
  }
  const key = { accessKeyId: checkKeyId(accessKeyId), secretAccessKey: new Secret(secret) };
  return { key, mfaSerial: undefined };
}

function required(invocation: Invocation, name: string): string {
  const value = invocation.host.env.get(name)?.trim();
  if (value) return value;
  throw new VaultError("bad-usage", `Cannot take the key from the environment: ${name} is not set`);
}

async function keyFromTerminal(invocation: Invocation): Promise<Entered> {
  const { terminal } = invocation.host;
  if (!invocation.mayPrompt || !await terminal.isAvailable()) {
    throw new VaultError("needs-person", "Cannot ask for the key: there is no terminal", {
      hints: ["Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and use: --env"],
    });
  }
  const accessKeyId = (await terminal.ask("Enter Access Key ID: ")).reveal().trim();
  checkKeyId(accessKeyId);
  const secret = (await terminal.ask("Enter Secret Access Key: ", { hidden: true })).reveal()
    .trim();
  if (secret === "") throw new VaultError("bad-usage", "Cannot store an empty secret access key");
  const mfa = await terminal.ask(
    "Enter MFA Device ARN (If MFA is not enabled, leave this blank): ",
  );
  const key = { accessKeyId, secretAccessKey: new Secret(secret) };
  return { key, mfaSerial: mfa.reveal().trim() || undefined };
}

function checkKeyId(accessKeyId: string): string {
  if (isAccessKeyId(accessKeyId)) return accessKeyId;
  throw new VaultError("bad-usage", "Cannot store the key: its access key id is not one", {
    hints: ["An access key id has letters and digits only, and mostly begins with AKIA"],
  });
}

async function configureProfile(
  invocation: Invocation,
  config: ConfigFile,
  flags: AddFlags,
  profile: string,
  entered: Entered,
): Promise<void> {
  if (config.hasProfile(profile)) return explainConfig(invocation, config, profile, entered);
  if (flags.noAddConfig) return;
  const settings = entered.mfaSerial === undefined
    ? []
    : [["mfa_serial", entered.mfaSerial] as const];
  await withFileLock(invocation, { path: config.path, profile }, () => {
    addProfile(invocation.host, config, profile, settings);
  });
  invocation.talk.debug(() => `Added profile ${quote(profile)} to ${quote(config.path)}`);
}

function explainConfig(
  invocation: Invocation,
  config: ConfigFile,
  profile: string,
  entered: Entered,
): void {
  const source = plainSetting(config, profile, "source_profile");
  if (source !== undefined && source !== profile) {
    invocation.talk.note(
      `Profile ${quote(profile)} has source_profile ${
        quote(source)
      }; the key stored now comes before it`,
    );
  }
  if (
    entered.mfaSerial !== undefined && plainSetting(config, profile, "mfa_serial") === undefined
  ) {
    invocation.talk.hint(
      `Profile ${
        quote(profile)
      } is already configured; add to it: mfa_serial = ${entered.mfaSerial}`,
    );
  }
}

function plainSetting(config: ConfigFile, profile: string, key: string): string | undefined {
  const value = config.profile(profile)?.settings.get(key)?.value;
  return typeof value === "string" && value !== "" ? value : undefined;
}
