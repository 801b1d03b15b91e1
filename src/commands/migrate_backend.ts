import { classifyItem, foreignSessionProfile, pendingProfile } from "../credentials/key_names.ts";
import { VaultError } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { type Moved, type MoveDeps, moveKey } from "../migration/move_key.ts";
import { requireSeparateStores } from "../migration/separate_stores.ts";
import { Progress } from "../progress.ts";
import { hintsOfNear } from "../near_names.ts";
import { counted, quote } from "../text.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { withKeyLock } from "./key_lock.ts";
import { KeyTally } from "./key_tally.ts";
import { describeSeed, moveSeeds, seedNames } from "./migrate_seeds.ts";

/** The flags of `migrate-backend`. */
export interface MigrateBackendFlags extends GlobalFlags {
  readonly from: string;
  readonly to: string;
  readonly profile?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly overwrite?: boolean | undefined;
  readonly deleteSource?: boolean | undefined;
}

/** Two open keyrings, and the names of their items. */
interface Stores {
  readonly from: Keyring;
  readonly to: Keyring;
  readonly namesOf: ReadonlyMap<Keyring, readonly string[]>;
}

/**
 * `migrate-backend --from NAME --to NAME`: copies stored keys from one back end to another, and with
 * `--delete-source` moves them. Sessions and tokens stay: they can be obtained again.
 */
export async function migrateBackend(
  this: CommandContext,
  flags: MigrateBackendFlags,
): Promise<void> {
  const invocation = this.open(flags);
  requireTwoNames(flags);
  const stores = await openStores(invocation, flags);
  noteCertificates(invocation, stores);
  const profiles = chooseKeys(stores, flags);
  // With all keys, seeds go too: otherwise a device would be lost with the old keystore.
  const isOfAll = flags.profile === undefined;
  const seeds = isOfAll ? seedNames(stores.namesOf.get(stores.from) ?? []) : [];
  if (profiles.length === 0 && seeds.length === 0) {
    return invocation.host.talk.say(`${flags.from} has no keys`);
  }
  if (flags.dryRun) return reportPlan(invocation, flags, stores, { profiles, seeds });
  if (flags.deleteSource) {
    await requireSeparateStores(invocation.host.random, stores.from, stores.to);
  }
  if (stores.to.warning !== undefined) invocation.host.talk.warn(stores.to.warning);
  const tally = await moveAll(invocation, flags, stores, profiles);
  await moveSeeds(invocation, stores, seeds, { tally, deleteSource: flags.deleteSource === true });
  invocation.host.talk.say(tally.summary());
  tally.throwIfFailed("move");
  invocation.host.talk.hint(`To use them: --backend=${flags.to}, or AWS_VAULT_BACKEND=${flags.to}`);
}

function requireTwoNames({ from, to }: MigrateBackendFlags): void {
  if (from !== to) return;
  throw new VaultError(
    "bad-usage",
    `Cannot move keys from ${quote(from)} to ${quote(to)}: --from and --to are the same back end`,
  );
}

async function openStores(invocation: Invocation, flags: MigrateBackendFlags): Promise<Stores> {
  const from = await invocation.openBackend(flags.from);
  const to = await invocation.openBackend(flags.to);
  if (from.location === to.location) {
    throw new VaultError(
      "bad-usage",
      `Cannot move keys from ${quote(flags.from)} to ${
        quote(flags.to)
      }: both store them in the same place, ${from.location}`,
    );
  }
  return { from, to, namesOf: new Map([[from, await from.keys()], [to, await to.keys()]]) };
}

/** Only keys are moved: certificates must be stored again from their files. */
function noteCertificates({ host }: Invocation, { from, namesOf }: Stores): void {
  const names = namesOf.get(from) ?? [];
  const count = names.filter((name) => classifyItem(name) === "certificate").length;
  if (count === 0) return;
  host.talk.note(
    `${counted(count, "certificate")} for Roles Anywhere stay in ${from.backend}: ` +
      "store them in the other with aws-vault add --certificate",
  );
}

/** The names of the keys to move; never a session, a token, or a pending rotation. */
function chooseKeys({ from, to, namesOf }: Stores, { profile }: MigrateBackendFlags): string[] {
  const keysOf = (keyring: Keyring) =>
    (namesOf.get(keyring) ?? []).filter((name) => classifyItem(name) === "credential").sort();
  if (profile === undefined) return keysOf(from);
  if (keysOf(from).includes(profile)) return [profile];
  throw new VaultError(
    "no-credentials",
    `Cannot move the key of profile ${quote(profile)}: ${from.backend} has none`,
    {
      hints: keysOf(to).includes(profile)
        ? [`It is in ${to.backend} already`]
        : hintsOfNear(profile, keysOf(from), quote),
    },
  );
}

async function moveAll(
  invocation: Invocation,
  flags: MigrateBackendFlags,
  stores: Stores,
  profiles: readonly string[],
): Promise<KeyTally> {
  const tally = new KeyTally(invocation.host.talk);
  const deps: MoveDeps = { ...stores, forgetSessions: forgetter(invocation, stores) };
  const options = {
    overwrite: flags.overwrite === true,
    deleteSource: flags.deleteSource === true,
  };
  const progress = new Progress(invocation.host, { total: profiles.length, nouns: "keys" });
  for (const profile of profiles) {
    await tally.count(profile, "move", async () => {
      const moved = await withKeyLock(
        invocation,
        [stores.from, stores.to],
        profile,
        () => moveKey(deps, profile, options),
      );
      invocation.host.talk.say(describeMoved(stores, profile, moved));
      const outcome = moved.how === "already-there" ? "already there" : moved.how;
      return moved.isSourceRemoved ? [outcome, `removed from ${flags.from}`] : [outcome];
    });
    progress.step();
  }
  return tally;
}

function describeMoved({ from, to }: Stores, profile: string, moved: Moved): string {
  const key = `the key of profile ${quote(profile)}`;
  const done = {
    copied: `Copied ${key} to ${to.backend}`,
    replaced: `Replaced ${key} in ${to.backend}`,
    "already-there": `Found ${key} in ${to.backend} already`,
  }[moved.how];
  return moved.isSourceRemoved ? `${done}, and removed it from ${from.backend}` : done;
}

/** Invalidates our sessions by the generation; drops those of aws-vault 7 with the changed key. */
function forgetter(invocation: Invocation, { namesOf }: Stores): MoveDeps["forgetSessions"] {
  return async (changed, profile) => {
    const cache = await invocation.cache();
    await cache.raiseGeneration(profile, changed);
    cache.dropSourceKey(profile);
    for (const name of namesOf.get(changed) ?? []) {
      if (foreignSessionProfile(name) === profile) await changed.remove(name);
    }
  };
}

/** Shows what would be done, by names alone: reads no secret, and writes nothing. */
function reportPlan(
  { host }: Invocation,
  flags: MigrateBackendFlags,
  { from, to, namesOf }: Stores,
  { profiles, seeds }: { readonly profiles: readonly string[]; readonly seeds: readonly string[] },
): void {
  const there = new Set(namesOf.get(to));
  const pending = new Set([...namesOf.values()].flat().map(pendingProfile));
  const verb = flags.deleteSource ? "move" : "copy";
  for (const profile of profiles) {
    const key = `the key of profile ${quote(profile)}`;
    if (pending.has(profile)) host.talk.say(`Would leave ${key}: a rotation of it is pending`);
    else if (!there.has(profile)) host.talk.say(`Would ${verb} ${key}`);
    else if (flags.overwrite) host.talk.say(`Would ${verb} ${key} over the one in ${to.backend}`);
    else host.talk.say(`Would compare ${key} with the one in ${to.backend}, and replace neither`);
  }
  for (const name of seeds) {
    host.talk.say(
      there.has(name)
        ? `Would compare ${describeSeed(name)} with the one in ${to.backend}, and replace neither`
        : `Would ${verb} ${describeSeed(name)}`,
    );
  }
  const more = seeds.length === 0 ? "" : ` and ${counted(seeds.length, "seed")}`;
  host.talk.say(
    `Nothing was changed; ${from.backend} has ${counted(profiles.length, "key")}${more}`,
  );
}
