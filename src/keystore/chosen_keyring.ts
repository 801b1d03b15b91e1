import type { Backend } from "../backend.ts";
import { flagKey } from "../backend_option.ts";
import { classifyItem } from "../credentials/key_names.ts";
import { hasCode } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import type { KeystoreDeps } from "./choose.ts";
import { type BackendPlace, isSamePlace, readBackendMemory, writeBackendMemory } from "./memory.ts";

/** The keyring of a back end that nobody named: its choice is compared with the one before. */
export interface ChosenKeyring {
  readonly keyring: Keyring;
  /** Says where else the keys are that a failed command looked for. */
  explainWhereKeysAre(error: unknown): Promise<void>;
}

/**
 * Opens the chosen back end and compares the choice with the one that is remembered: one small file is
 * read, and nothing else where the two are the same.
 *
 * A place that a flag names is neither compared nor remembered: the person knows it.
 */
export async function openChosenKeyring(
  deps: KeystoreDeps,
  chosen: Backend,
): Promise<ChosenKeyring> {
  const keyring = await chosen.open(deps.host, deps.input);
  const now: BackendPlace = { backend: keyring.backend, location: keyring.location };
  const missing = new Set<string>();
  if (!isPlaceNamed(deps)) await compareChoice(deps, now);
  return {
    keyring: noticeMissing(keyring, missing),
    async explainWhereKeysAre(error) {
      if (missing.size === 0 || !hasCode(error, "no-credentials", "no-profile")) return;
      const { explainWhereKeysAre } = await import("./elsewhere.ts");
      await explainWhereKeysAre(deps, readBackendMemory(deps.host) ?? { now }, [...missing]);
    },
  };
}

/** Whether a flag says where the keys are within whatever back end is chosen. */
function isPlaceNamed({ backends, input }: KeystoreDeps): boolean {
  return backends.flatMap(({ options }) => Object.values(options)).some((option) =>
    option.flag !== undefined && option.namesPlace &&
    input.flags[flagKey(option.flag)] !== undefined
  );
}

async function compareChoice(deps: KeystoreDeps, now: BackendPlace): Promise<void> {
  const { host } = deps;
  const known = readBackendMemory(host);
  if (known !== undefined && isSamePlace(known.now, now)) return;
  // Written first: a process that is killed while it looks does not repeat what is reported once.
  const isWritten = writeBackendMemory(
    host,
    known === undefined ? { now } : {
      now,
      before: known.now,
    },
  );
  const { reportChange, reportKeysElsewhere } = await import("./elsewhere.ts");
  if (known !== undefined) await reportChange(deps, now, known.now);
  // Where nothing can be remembered every run is the first, and would look everywhere.
  else if (isWritten) await reportKeysElsewhere(deps, now);
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
    standIn: keyring.standIn,
    has: async (key) => notice(key, await keyring.has(key)),
    get: async (key) => notice(key, await keyring.get(key)),
    ...(keyring.publicName && { publicName: (key) => keyring.publicName!(key) }),
    set: (key, item) => keyring.set(key, item),
    remove: (key) => keyring.remove(key),
    keys: () => keyring.keys(),
    close: () => keyring.close(),
  };
}
