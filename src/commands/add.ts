import type { CallerIdentity } from "../aws/sts.ts";
import type { ConfigFile } from "../config/profile.ts";
import { addProfile, requireAddable } from "../config/edit_file.ts";
import { isProfileName } from "../credentials/entered_key.ts";
import { readStoredKey, writeStoredKey } from "../credentials/long_term_key.ts";
import type { LongTermKey } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { requireNoRotation } from "../migration/move_key.ts";
import { noteFirstSeen } from "../rotation/age.ts";
import { quote } from "../text.ts";
import { confirm } from "./confirm.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import {
  checkSettings,
  configureSettings,
  plainSetting,
  type SettingFlags,
} from "./add_settings.ts";
import { askForKey, confirmTemporary, readKeyFromEnvironment } from "./enter_key.ts";
import { withFileLock } from "./file_lock.ts";
import { forgetSessions, invalidateSessions } from "./forget.ts";
import type { TypedKey } from "./key_call.ts";
import { changeKey, hintAtReplaced, lookFirst } from "./key_change.ts";
import { keepReplaced } from "./replaced_keys.ts";

/** The flags of `add`. */
export interface AddFlags extends GlobalFlags, SettingFlags {
  readonly addConfig?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly verify?: boolean | undefined;
  readonly noVerify?: boolean | undefined;
  /** Stores a certificate instead of a key (`add_certificate.ts`). */
  readonly certificate?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly deleteSource?: boolean | undefined;
  readonly mfaSecret?: boolean | undefined;
}

/** `add PROFILE`: stores a long-term key, and adds a missing profile to the config file. */
export async function add(this: CommandContext, flags: AddFlags, profile: string): Promise<void> {
  const invocation = this.open(flags);
  checkName(profile);
  checkVerify(flags);
  const { certificate, privateKey, deleteSource } = flags;
  if (certificate !== undefined || privateKey !== undefined || deleteSource) {
    const { addCertificate } = await import("./add_certificate.ts");
    return await addCertificate(invocation, flags, profile);
  }
  checkSettings(invocation, flags, profile);
  const config = invocation.config();
  const isConfigured = flags.noAddConfig === true || config.hasProfile(profile);
  // An uneditable config file is reported before anything is asked or stored.
  if (!isConfigured) requireAddable(invocation.host, config, profile);
  const keyring = await invocation.keyring();
  const seen = await lookFirst(invocation, keyring, profile);
  await requireNoRotation(keyring, profile);
  if (flags.mfaSecret && seen.isStored && !flags.env && !flags.force) {
    return await addMfaSecret(invocation, profile);
  }
  const isForced = flags.force === true || await isScripted(invocation, flags);
  const confirm = () => confirmReplacement(invocation, isForced, profile);
  if (seen.isStored) await confirm();
  if (!flags.env) notePlace(invocation, flags, keyring);
  const key = flags.env ? readKeyFromEnvironment(invocation) : await askForKey(invocation);
  await confirmTemporary(invocation, key, flags.force === true);
  const typed = { profile, key, region: flags.region };
  const caller = await verify(invocation, flags, typed);
  const change = () => storeKey(invocation, keyring, profile, key);
  await changeKey(invocation, keyring, { profile, seen, isForced, confirm, change });
  await prepareCache(invocation);
  if (keyring.warning !== undefined) invocation.host.talk.warn(keyring.warning);
  await configureProfile(invocation, config, flags, profile);
  // Last, so that the stored key is not lost if nobody answers.
  await configureSettings(invocation, flags, typed, caller);
  if (flags.mfaSecret) await addMfaSecret(invocation, profile);
}

async function addMfaSecret(invocation: Invocation, profile: string): Promise<void> {
  const { storeMfaSecret } = await import("./add_mfa_secret.ts");
  await storeMfaSecret(invocation, profile);
}

/**
 * A script that stores a key with `--env` means to replace the previous one, as in aws-vault 7. The previous
 * key is kept, so that nothing is lost if that was a mistake.
 */
async function isScripted({ host }: Invocation, { env }: AddFlags): Promise<boolean> {
  return env === true && !await host.terminal.isAvailable();
}

/**
 * A person who has just typed a passphrase for the key must not be asked again by the first command
 * that caches a session.
 */
async function prepareCache({ host, cache }: Invocation): Promise<void> {
  if (await host.terminal.isAvailable()) await (await cache()).prepare();
}

/** Shows where the key will go and why, before it is typed: the person may prefer another place. */
function notePlace({ host }: Invocation, { backend }: AddFlags, keyring: Keyring): void {
  const store = `${keyring.backend} (${quote(keyring.location)})`;
  if (backend || host.env.get("AWS_VAULT_BACKEND")) {
    const who = backend ? "--backend" : "AWS_VAULT_BACKEND";
    return host.talk.note(`The key goes to the keystore ${store}, named by ${who}`);
  }
  host.talk.note(
    keyring.standIn === undefined
      ? `The key goes to the keystore ${store}, the first that can be used here`
      : `No keystore was found here: the key goes to ${keyring.standIn} ${quote(keyring.location)}`,
  );
}

function checkVerify(flags: AddFlags): void {
  if (!flags.verify || !flags.noVerify) return;
  throw new VaultError(
    "bad-usage",
    "Cannot both verify and not verify: use --verify or --no-verify",
  );
}

/** Verifies a typed key by default; a key given with `--env` only on request. */
async function verify(
  invocation: Invocation,
  flags: AddFlags,
  typed: TypedKey,
): Promise<CallerIdentity | undefined> {
  const isRequested = flags.verify === true;
  if (flags.noVerify || (flags.env && !isRequested)) return undefined;
  const { verifyKey } = await import("./verify_key.ts");
  return await verifyKey(invocation, typed, { isRequested });
}

/** Runs under the key's lock: the obstacles may have changed since they were checked. */
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
  if (before && !isSameId) await keepReplaced(invocation, keyring, profile, before);
  await invalidateSessions(invocation, profile);
  await writeStoredKey(keyring, profile, key, otherFields, { standsAlone: true });
  await forgetSessions(invocation, profile);
  if (!isSameId) noteFirstSeen(cache, profile, invocation.host.clock.now());
  invocation.host.talk.answer(`Added credentials to profile ${quote(profile)} in vault`);
  if (before && !isSameId) hintAtReplaced(invocation, before.accessKeyId, profile);
}

function checkName(profile: string): void {
  if (isProfileName(profile)) return;
  throw new VaultError(
    "bad-usage",
    `Cannot store a key for profile ${quote(profile)}: it is not a valid name`,
  );
}

/** Returns true, or throws `conflict` if the person keeps the stored key. */
async function confirmReplacement(
  invocation: Invocation,
  isForced: boolean,
  profile: string,
): Promise<true> {
  if (isForced) return true;
  const question = `A key is already stored for profile ${quote(profile)}. Replace it?`;
  const needed = {
    message: `Cannot replace the key of profile ${quote(profile)}: nobody can be asked`,
    hint: "Replace it without a question: --force",
  };
  if (!await confirm(invocation, question, needed)) {
    throw new VaultError("conflict", `The key of profile ${quote(profile)} was kept`);
  }
  return true;
}

/** Adds the profile if it does not exist. */
async function configureProfile(
  invocation: Invocation,
  config: ConfigFile,
  flags: AddFlags,
  profile: string,
): Promise<void> {
  if (config.hasProfile(profile)) noteSource(invocation, config, profile);
  await warnOfHeader(invocation, config, profile);
  if (flags.noAddConfig || config.hasProfile(profile)) return;
  await withFileLock(invocation, { path: config.path, profile }, () => {
    addProfile(invocation.host, config, profile, []);
  });
  invocation.host.talk.debug(() => `Added profile ${quote(profile)} to ${quote(config.path)}`);
}

/** Settings that somebody wrote for the profile, its MFA device perhaps, and that nothing reads. */
async function warnOfHeader(
  { host }: Invocation,
  config: ConfigFile,
  profile: string,
): Promise<void> {
  const { misheadedSection } = await import("../credentials/missing_profile.ts");
  const odd = misheadedSection(config, profile);
  if (odd === undefined) return;
  host.talk.warn(`Nothing reads ${odd.what}: move its settings to ${odd.right}`);
}

function noteSource({ host }: Invocation, config: ConfigFile, profile: string): void {
  const source = plainSetting(config, profile, "source_profile");
  if (source === undefined || source === profile) return;
  host.talk.note(
    `Profile ${quote(profile)} has source_profile ${
      quote(source)
    }; the stored key takes precedence over it`,
  );
}
