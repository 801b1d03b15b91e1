import { addProfile, editFile, readEditable, requireAddable } from "../config/edit_file.ts";
import { configPath, credentialsPath } from "../config/files.ts";
import { isProfileName } from "../credentials/entered_key.ts";
import { encodeStoredKey, readStoredKey, type StoredKey } from "../credentials/long_term_key.ts";
import type { LongTermKey } from "../credentials.ts";
import { hasCode, VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { readConsoleCsv } from "../migration/console_csv.ts";
import {
  findDuplicates,
  readCredentialsFile,
  removeKeys,
  settingsLeftBehind,
} from "../migration/credentials_file.ts";
import type { Importable, ImportableKey } from "../migration/importable_key.ts";
import { requireNoRotation } from "../migration/move_key.ts";
import { storeVerified } from "../migration/store_verified.ts";
import { Progress } from "../progress.ts";
import { quote } from "../text.ts";
import { confirm } from "./confirm.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { withFileLock } from "./file_lock.ts";
import { forgetSessions, invalidateSessions } from "./forget.ts";
import { changeKey, hintAtReplaced, lookFirst } from "./key_change.ts";
import { KeyTally } from "./key_tally.ts";

/** The flags of `import`. */
export interface ImportFlags extends GlobalFlags {
  readonly from?: string | undefined;
  readonly csv?: string | undefined;
  readonly profile?: string | undefined;
  readonly force?: boolean | undefined;
  readonly noAddConfig?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly deleteSource?: boolean | undefined;
}

/** A file with plain keys. */
interface Source extends Importable {
  readonly path: string;
  readonly isCsv: boolean;
  readonly text: string;
}

/** `import`: stores the plain keys of a credentials file, or of the console's CSV file. */
export async function importKeys(this: CommandContext, flags: ImportFlags): Promise<void> {
  throwIfKept(await importAll(this, flags));
}

/** Imports, and gives the profiles whose stored keys a person keeps. */
export async function importAll(
  context: CommandContext,
  flags: ImportFlags,
): Promise<readonly string[]> {
  const invocation = context.open(flags);
  const source = readSource(invocation, flags);
  const tally = new KeyTally(invocation.host.talk);
  for (const other of source.others) {
    const { profile, why } = other;
    if (other.isFailure) tally.fail(profile, "import", new VaultError("bad-config", why));
    else invocation.host.talk.note(`Skipped profile ${quote(profile)}: ${why}`);
  }
  notePeculiarities(invocation, source);
  // Before anything is stored: throws for keys that could not be removed from the file afterwards.
  if (flags.deleteSource && !source.isCsv) removeKeys(source.text, source.path, source.keys);
  const stored: ImportableKey[] = [];
  const kept: string[] = [];
  const progress = new Progress(invocation.host, { total: source.keys.length, nouns: "keys" });
  for (const importable of source.keys) {
    await tally.count(importable.profile, "import", async () => {
      const outcome = await importOne(invocation, flags, importable);
      if (outcome === "kept") kept.push(importable.profile);
      else stored.push(importable);
      return [outcome];
    });
    progress.step();
  }
  if (flags.dryRun) invocation.host.talk.say("Nothing was changed");
  else {
    invocation.host.talk.say(tally.summary());
    if (flags.deleteSource) await deleteSource(invocation, source, stored);
    else hintAtSource(invocation, source, stored);
  }
  tally.throwIfFailed("import");
  return flags.dryRun ? [] : kept;
}

/** A "no" has the same exit code everywhere, even if other keys were imported. */
function throwIfKept(profiles: readonly string[]): void {
  if (profiles.length === 0) return;
  throw new VaultError("conflict", `Kept what is stored for ${profiles.map(quote).join(", ")}`);
}

function readSource(invocation: Invocation, flags: ImportFlags): Source {
  if (flags.from !== undefined && flags.csv !== undefined) {
    throw new VaultError("bad-usage", "Cannot import from two files: give --from or --csv");
  }
  const isCsv = flags.csv !== undefined;
  const path = flags.csv ?? flags.from ?? credentialsPath(invocation.host);
  const text = readEditable(invocation.host, path);
  if (text === undefined) {
    throw new VaultError("file-failed", `Cannot import from ${quote(path)}: there is no such file`);
  }
  if (isCsv) return { path, isCsv, text, ...readConsoleCsv(text, path, flags.profile) };
  return {
    path,
    isCsv,
    text,
    ...onlyProfile(readCredentialsFile(text, path), path, flags.profile),
  };
}

function onlyProfile(all: Importable, path: string, profile: string | undefined): Importable {
  if (profile === undefined) return all;
  const isMeant = (one: { readonly profile: string }) => one.profile === profile;
  const chosen = { keys: all.keys.filter(isMeant), others: all.others.filter(isMeant) };
  if (chosen.keys.length + chosen.others.length > 0) return chosen;
  throw new VaultError(
    "no-profile",
    `Cannot import profile ${quote(profile)}: ${quote(path)} has no key for it`,
  );
}

function notePeculiarities(invocation: Invocation, source: Source): void {
  const { host } = invocation;
  for (const duplicate of findDuplicates(source.keys)) host.talk.note(duplicate);
  // Settings in the config file itself are not left behind.
  if (source.isCsv || isConfigFile(invocation, source)) return;
  for (const { profile } of source.keys) {
    const left = settingsLeftBehind(source.text, source.path, profile);
    if (left.length === 0) continue;
    host.talk.note(
      `Profile ${quote(profile)} also has ${left.join(" and ")} in ${
        quote(source.path)
      }, which is read from the config file only`,
    );
  }
}

function isConfigFile({ host }: Invocation, { path }: Source): boolean {
  const config = host.files.realPath(configPath(host));
  return config !== undefined && config === host.files.realPath(path);
}

type Outcome = "imported" | "replaced" | "already there" | "kept";

async function importOne(
  invocation: Invocation,
  flags: ImportFlags,
  importable: ImportableKey,
): Promise<Outcome> {
  const { profile, key } = importable;
  requireName(profile);
  const isConfigured = flags.noAddConfig === true || invocation.config().hasProfile(profile);
  // A config file that cannot be read or edited is reported before anything is stored.
  if (!isConfigured) requireAddable(invocation.host, invocation.config(), profile);
  const keyring = await invocation.keyring();
  const seen = await lookFirst(invocation, keyring, profile);
  await requireNoRotation(keyring, profile);
  if (flags.dryRun) return reportIntent(invocation, importable, seen.isStored);
  const confirm = async () => {
    const before = await readReplaceable(keyring, profile);
    return isSame(before, key) || await mayReplace(invocation, flags, importable);
  };
  if (seen.isStored && !await confirm()) return "kept";
  const outcome = await changeKey(invocation, keyring, {
    profile,
    seen,
    isForced: flags.force === true,
    confirm,
    change: () => store(invocation, keyring, importable),
  });
  if (outcome === undefined) return "kept";
  if (!isConfigured) await configureProfile(invocation, profile);
  return outcome;
}

async function configureProfile(invocation: Invocation, profile: string): Promise<void> {
  const config = invocation.config();
  await withFileLock(invocation, { path: config.path, profile }, () => {
    addProfile(invocation.host, config, profile, []);
  });
}

function requireName(profile: string): void {
  if (isProfileName(profile)) return;
  throw new VaultError("bad-config", `${quote(profile)} is not a valid name for a profile`);
}

function reportIntent(
  { host }: Invocation,
  { profile, key }: ImportableKey,
  hasKey: boolean,
): Outcome {
  const name = quote(profile);
  host.talk.say(
    hasKey
      ? `Would compare key ${key.accessKeyId} with the stored one of profile ${name}`
      : `Would import key ${key.accessKeyId} for profile ${name}`,
  );
  return "kept";
}

async function readReplaceable(
  keyring: Keyring,
  profile: string,
): Promise<StoredKey | undefined | "damaged"> {
  try {
    return await readStoredKey(keyring, profile);
  } catch (error) {
    if (hasCode(error, "damaged-item")) return "damaged";
    throw error;
  }
}

function isSame(a: StoredKey | undefined | "damaged", b: LongTermKey): boolean {
  return typeof a === "object" && a.accessKeyId === b.accessKeyId &&
    a.secretAccessKey.reveal() === b.secretAccessKey.reveal();
}

async function mayReplace(
  invocation: Invocation,
  flags: ImportFlags,
  { profile, key }: ImportableKey,
): Promise<boolean> {
  if (flags.force) return true;
  if (!invocation.mayPrompt || !await invocation.host.terminal.isAvailable()) {
    throw new VaultError("conflict", "another key is stored, and nobody can be asked", {
      hints: ["Replace it without a question: --force"],
    });
  }
  const question = `Another key is stored for profile ${
    quote(profile)
  }. Replace it with ${key.accessKeyId}?`;
  const isWanted = await confirm(invocation, question, { message: question, hint: "" });
  return isWanted;
}

/** Runs under the key's lock. Raises the generation before and after, as `forgetSessions` explains. */
async function store(
  invocation: Invocation,
  keyring: Keyring,
  { profile, key }: ImportableKey,
): Promise<Outcome> {
  await requireNoRotation(keyring, profile);
  const before = await readReplaceable(keyring, profile);
  const id = key.accessKeyId;
  if (isSame(before, key)) {
    invocation.host.talk.say(`Found key ${id} stored for profile ${quote(profile)} already`);
    return "already there";
  }
  const isSameId = typeof before === "object" && before.accessKeyId === id;
  const data = encodeStoredKey(key, isSameId ? before.otherFields : {});
  await invalidateSessions(invocation, profile);
  await storeVerified(keyring, profile, data);
  await forgetSessions(invocation, profile);
  invocation.host.talk.say(`Imported key ${id} for profile ${quote(profile)}`);
  if (typeof before === "object" && !isSameId) {
    hintAtReplaced(invocation, before.accessKeyId);
  }
  return before === undefined ? "imported" : "replaced";
}

function hintAtSource(
  { host }: Invocation,
  source: Source,
  stored: readonly ImportableKey[],
): void {
  if (stored.length === 0) return;
  host.talk.hint(`${quote(source.path)} still has the plain keys; to remove them: --delete-source`);
}

/** Removes the plain keys that are now stored; a CSV file as a whole, once all its keys are stored. */
async function deleteSource(
  invocation: Invocation,
  source: Source,
  stored: readonly ImportableKey[],
): Promise<void> {
  const { host } = invocation;
  const [first] = stored;
  if (first === undefined) return;
  if (source.isCsv) {
    if (stored.length < source.keys.length + source.others.length) {
      host.talk.warn(`${quote(source.path)} was kept: not every key of it is stored`);
      return;
    }
    host.files.remove(source.path);
    host.talk.say(`Deleted ${quote(source.path)}`);
  } else {
    await withFileLock(invocation, { path: source.path, profile: first.profile }, () => {
      editFile(host, source.path, (text, path) => removeKeys(text, path, stored));
    });
    host.talk.say(`Removed the plain keys that are stored now from ${quote(source.path)}`);
  }
  host.talk.note(
    "The plain keys cannot be wiped reliably: the disk, backups, editors and synchronized folders " +
      "may keep copies; aws-vault rotate makes them useless",
  );
}
