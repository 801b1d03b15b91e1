import type { Backend, BackendHost, BackendOptions } from "../backend.ts";
import { classifyItem } from "../credentials/key_names.ts";
import { hasCode } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import { type BackendPlace, isSamePlace, readBackendMemory, writeBackendMemory } from "./memory.ts";

/** The keyring of a back end that nobody named: its choice is compared with the one before. */
export interface ChosenKeyring {
  readonly keyring: Keyring;
  /** Says where else the keys are that a failed command looked for. */
  sayWhereKeysAre(error: unknown): Promise<void>;
}

/**
 * Opens the chosen back end and compares the choice with the one that is remembered: one small file is
 * read, and nothing else where the two are the same.
 *
 * `isPlaceNamed`: a flag names the place within the back end, so that it is no news to the person.
 */
export async function openChosenKeyring(
  host: BackendHost,
  backends: readonly Backend[],
  options: BackendOptions,
  chosen: Backend,
  isPlaceNamed: boolean,
): Promise<ChosenKeyring> {
  const keyring = await chosen.open(host, options);
  const deps = { host, backends, options };
  const now: BackendPlace = { backend: keyring.backend, location: keyring.location };
  const missing = new Set<string>();
  if (!isPlaceNamed) await compareChoice(deps, now);
  return {
    keyring: noticeMissing(keyring, missing),
    async sayWhereKeysAre(error) {
      if (missing.size === 0 || !hasCode(error, "no-credentials", "no-profile")) return;
      const { sayWhereKeysAre } = await import("./elsewhere.ts");
      await sayWhereKeysAre(deps, readBackendMemory(host) ?? { now }, [...missing]);
    },
  };
}

async function compareChoice(
  deps: Parameters<typeof import("./elsewhere.ts").sayChange>[0],
  now: BackendPlace,
): Promise<void> {
  const { host } = deps;
  const known = readBackendMemory(host);
  if (known !== undefined && isSamePlace(known.now, now)) return;
  // Written first: of what is said once, a process that is killed while it looks says nothing twice.
  const isWritten = writeBackendMemory(
    host,
    known === undefined ? { now } : {
      now,
      before: known.now,
    },
  );
  const { sayChange, sayKeysElsewhere } = await import("./elsewhere.ts");
  if (known !== undefined) await sayChange(deps, now, known.now);
  // Where nothing can be remembered every run is the first, and would look everywhere.
  else if (isWritten) await sayKeysElsewhere(deps, now);
}

/** Keeps the names of keys that were looked for and not there. */
function noticeMissing(keyring: Keyring, missing: Set<string>): Keyring {
  const notice = <T>(key: string, found: T): T => {
    if (!found && classifyItem(key) === "credential") missing.add(key);
    return found;
  };
  return {
    backend: keyring.backend,
    location: keyring.location,
    warning: keyring.warning,
    has: async (key) => notice(key, await keyring.has(key)),
    get: async (key) => notice(key, await keyring.get(key)),
    set: (key, item) => keyring.set(key, item),
    remove: (key) => keyring.remove(key),
    keys: () => keyring.keys(),
    close: () => keyring.close(),
  };
}
