import type { Backend } from "../backend.ts";
import { flagKey } from "../backend_option.ts";
import { classifyItem } from "../credentials/key_names.ts";
import { hasCode } from "../errors.ts";
import type { Keyring } from "../keyring.ts";
import type { KeystoreDeps } from "./choose.ts";
import { type BackendPlace, isSamePlace, readBackendMemory, writeBackendMemory } from "./memory.ts";

/** The keyring of an automatically chosen back end: the choice is compared with the previous one. */
export interface ChosenKeyring {
  readonly keyring: Keyring;
  /** Reports where else the keys are that a failed command did not find. */
  explainWhereKeysAre(error: unknown): Promise<void>;
}

/**
 * Opens the chosen back end and compares the choice with the remembered one: this reads one small file,
 * and nothing else if the two are the same.
 *
 * A place that a flag names is neither compared nor remembered: the person knows about it.
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

/** Whether a flag names the place of the keys within the chosen back end. */
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
  // Written first, so that a process that is killed while looking does not cause a second report.
  const isWritten = writeBackendMemory(
    host,
    known === undefined ? { now } : {
      now,
      before: known.now,
    },
  );
  const { reportChange, reportKeysElsewhere } = await import("./elsewhere.ts");
  if (known !== undefined) await reportChange(deps, now, known.now);
  // If nothing can be remembered, every invocation is the first, and would look everywhere.
  else if (isWritten) await reportKeysElsewhere(deps, now);
}

/** Collects the names of keys that were looked up but not found. */
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
    ...(keyring.hasPublicName && {
      hasPublicName: (key, name) => keyring.hasPublicName!(key, name),
    }),
    set: (key, item) => keyring.set(key, item),
    remove: (key) => keyring.remove(key),
    keys: () => keyring.keys(),
    close: () => keyring.close(),
  };
}
