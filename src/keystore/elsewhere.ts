/**
 * Reports when keys are looked up in another store than before, and which other stores have keys: a
 * different desktop or a newly installed service changes the choice, and an empty list does not show
 * why (https://github.com/99designs/aws-vault/issues/683). Loaded only when there is something to
 * compare; never asks a person.
 */

import type { Backend } from "../backend.ts";
import { classifyItem } from "../credentials/key_names.ts";
import type { Clock } from "../host.ts";
import type { Keyring } from "../keyring.ts";
import { asClause, commandLine, counted, quote } from "../text.ts";
import { type KeystoreDeps, onThisPlatform, whyUnusable } from "./choose.ts";
import type { BackendMemory, BackendPlace } from "./memory.ts";

/** A store that hangs must not hold up a command that does not need it. */
const LOOK_MS = 2_000;

/** Reports that another store is used than last time, and why. */
export async function reportChange(
  deps: KeystoreDeps,
  now: BackendPlace,
  before: BackendPlace,
): Promise<void> {
  const { talk } = deps.host;
  const reason = now.backend === before.backend ? undefined : await whyNot(deps, before.backend);
  const why = reason === undefined ? "" : `, which cannot be used now: ${asClause(reason)}`;
  talk.note(`Keys are now looked up in ${describe(now)}; before, in ${describe(before)}${why}`);
  if (now.backend === before.backend) return;
  talk.hint(`To choose the keystore yourself: --backend=${now.backend}, or AWS_VAULT_BACKEND`);
  if (reason === undefined) talk.hint(moveHint(before.backend, now.backend));
}

/** Reports where keys are if the store that was chosen for the first time has none. */
export async function reportKeysElsewhere(deps: KeystoreDeps, now: BackendPlace): Promise<void> {
  const { talk } = deps.host;
  const chosen = deps.backends.find(({ name }) => name === now.backend);
  const own = chosen && await lookInto(deps, chosen, countKeys);
  if (own === undefined || own > 0) return;
  const looks = await lookIntoOthers(deps, now, async (keyring) => ({
    count: await countKeys(keyring),
    location: keyring.location,
  }));
  for (const { backend, found } of looks) {
    if (found === undefined || found.count === 0) continue;
    const place = describe({ backend: backend.name, location: found.location });
    talk.note(
      `Keys are looked up in ${describe(now)}, which has none; there ${
        found.count === 1 ? "is" : "are"
      } ${counted(found.count, "key")} in ${place}`,
    );
    talk.hint(`To use them: --backend=${backend.name}, or AWS_VAULT_BACKEND=${backend.name}`);
    talk.hint(moveHint(backend.name, now.backend));
  }
}

/** Reports which other stores have a key for one of the profiles, for a command that found none. */
export async function explainWhereKeysAre(
  deps: KeystoreDeps,
  memory: BackendMemory,
  profiles: readonly string[],
): Promise<void> {
  const { talk } = deps.host;
  const seen = new Set<string>();
  const looks = await lookIntoOthers(deps, memory.now, async (keyring) => {
    const names = await keyring.keys();
    return profiles.filter((profile) => names.includes(profile));
  });
  for (const { backend, found } of looks) {
    if (found !== undefined) seen.add(backend.name);
    for (const profile of found ?? []) {
      talk.hint(
        `There is a key for profile ${
          quote(profile)
        } in ${backend.name}: --backend=${backend.name}`,
      );
    }
  }
  const { before } = memory;
  if (before === undefined || before.backend === memory.now.backend) return;
  if (seen.has(before.backend)) return;
  const reason = await whyNot(deps, before.backend) ?? "it cannot be checked without asking";
  talk.hint(`Before, keys were looked up in ${describe(before)}: ${asClause(reason)}`);
}

/** Looks into all other stores of this platform in parallel; the results are in the table's order. */
async function lookIntoOthers<T>(
  deps: KeystoreDeps,
  now: BackendPlace,
  look: (keyring: Keyring) => Promise<T>,
): Promise<{ readonly backend: Backend; readonly found: T | undefined }[]> {
  const others = onThisPlatform(deps).filter(({ name }) => name !== now.backend);
  return await Promise.all(others.map(async (backend) => ({
    backend,
    found: await lookInto(deps, backend, look),
  })));
}

async function whyNot(deps: KeystoreDeps, name: string): Promise<string | undefined> {
  const backend = deps.backends.find((backend) => backend.name === name);
  return backend === undefined
    ? "this aws-vault does not have it"
    : await whyUnusable(deps, backend);
}

async function countKeys(keyring: Keyring): Promise<number> {
  return (await keyring.keys()).filter((name) => classifyItem(name) === "credential").length;
}

/** The result of a look into a store, or `undefined` if it is unusable, is locked, or takes too long. */
async function lookInto<T>(
  { host, input }: KeystoreDeps,
  backend: Backend,
  look: (keyring: Keyring) => Promise<T>,
): Promise<T | undefined> {
  return await within(host.clock, async () => {
    if (await backend.probe(host, input) !== undefined) return undefined;
    const keyring = await backend.open(host, { ...input, mayPrompt: false });
    try {
      return await look(keyring);
    } finally {
      await keyring.close();
    }
  });
}

/** Limits the time; a failure is not reported, since the person did not ask for this look. */
async function within<T>(
  clock: Clock,
  work: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const timer = new AbortController();
  const patience = clock.sleep(LOOK_MS, timer.signal).then(() => undefined, () => undefined);
  const answer = work().catch(() => undefined);
  try {
    return await Promise.race([answer, patience]);
  } finally {
    timer.abort();
  }
}

function moveHint(from: string, to: string): string {
  return `To move them: ${commandLine(["migrate-backend", "--from", from, "--to", to])}`;
}

function describe({ backend, location }: BackendPlace): string {
  return `${backend} (${location})`;
}
