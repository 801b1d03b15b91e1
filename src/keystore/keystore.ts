import type {
  ActAlone,
  Backend,
  BackendState,
  NewPassphraseSource,
  Unlocked,
  UnlockRequest,
} from "../backend.ts";
import { flagKey } from "../backend_option.ts";
import { hasCode, VaultError } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { Keyring } from "../keyring.ts";
import { quote } from "../text.ts";
import { chooseBackend, type KeystoreDeps, onThisPlatform } from "./choose.ts";
import { type ChosenKeyring, openChosenKeyring } from "./chosen_keyring.ts";
import { explainFailures } from "./unusable.ts";

/** The keyrings of one invocation: each is opened on first use, and only once. */
export interface Keystore {
  /** The keyring of the named back end, or else of the first that can be used here. */
  keyring(): Promise<Keyring>;
  /** The same keyring, which asks nobody: throws `needs-person` or `keyring-locked` instead. */
  quietKeyring(): Promise<Keyring>;
  /** The keyring of a particular back end. */
  openBackend(name: string): Promise<Keyring>;
  /** Changes the passphrase of the keyring's store; throws `unsupported` if the store has none. */
  changePassphrase(source: NewPassphraseSource, alone: ActAlone): Promise<number>;
  /** Locks what all back ends keep unlocked in this login session, and returns the number of items. */
  lock(): Promise<number>;
  /**
   * Unlocks the keyring's store in this login session for a while, by default as long as after any other
   * use; throws `unsupported` if this program cannot do that.
   */
  unlock(request: UnlockRequest): Promise<Unlocked>;
  /** All back ends for this platform, and which one is used. */
  surveyBackends(): Promise<readonly BackendState[]>;
  /** What the keyring's back end finds wrong in its store; nothing if no back end can be used. */
  examineStore(): Promise<readonly Finding[]>;
  /** Denies the child of `exec`, which starts next, access to what stays unlocked, except cached sessions. */
  shutOutChild(): Promise<void>;
  /** For a command that failed because it found no key: reports where else there is one. */
  explainWhereKeysAre(error: unknown): Promise<void>;
  /** Reads the descriptors that flags name, for a process that needs them after {@linkcode close}. */
  keepDescriptors(): void;
  /** Closes what was opened, and the descriptors that flags name; later uses open keyrings again. */
  close(): Promise<void>;
}

/** The keyrings of an invocation; `named` is the back end of the main one, if somebody chose it. */
export function openKeystore(deps: KeystoreDeps, named: string | undefined): Keystore {
  const keyrings = new Map<string, Promise<Keyring>>();
  let chosen: Promise<ChosenKeyring> | undefined;
  let areDescriptorsClosed = false;

  const openBackend = (name: string): Promise<Keyring> => {
    const opened = keyrings.get(name) ?? openNamed(deps, name);
    keyrings.set(name, opened);
    return opened;
  };
  const openUsual = async (): Promise<Keyring> => {
    if (named !== undefined) return await openBackend(named);
    chosen ??= choose(deps, undefined).then((backend) => openChosenKeyring(deps, backend));
    return (await chosen).keyring;
  };
  let quiet: Promise<Keyring> | undefined;
  return {
    openBackend,
    keyring: openUsual,
    async quietKeyring() {
      const { backend } = await openUsual();
      quiet ??= openNamed({ ...deps, input: { ...deps.input, mayPrompt: false } }, backend);
      return await quiet;
    },
    changePassphrase: (source, alone) => changePassphrase(deps, named, source, alone),
    lock: () => lockAll(deps),
    unlock: (request) => unlock(deps, named, request),
    surveyBackends: async () => (await import("./survey.ts")).surveyBackends(deps, named),
    async examineStore() {
      const backend = await choose(deps, named);
      return await backend.examine?.(deps.host, deps.input) ?? [];
    },
    async shutOutChild() {
      for (const { shutOutChild } of onThisPlatform(deps)) await shutOutChild?.(deps.host);
    },
    async explainWhereKeysAre(error) {
      await (await settled(chosen))?.explainWhereKeysAre(error);
    },
    keepDescriptors() {
      for (const descriptor of givenDescriptors(deps)) keepDescriptor(deps, descriptor);
    },
    async close() {
      // The child of `exec` would inherit them, and could read the passphrase there.
      const given = areDescriptorsClosed ? [] : givenDescriptors(deps);
      areDescriptorsClosed = true;
      for (const descriptor of given) await deps.host.files.closeDescriptor(descriptor);
      for (const opened of keyrings.values()) await (await settled(opened))?.close();
      await (await settled(chosen))?.keyring.close();
      await (await settled(quiet))?.close();
      quiet = undefined;
      chosen = undefined;
      keyrings.clear();
    },
  };
}

/** Chooses the back end. First protects the memory from other programs, before it holds any secret. */
function choose(deps: KeystoreDeps, name: string | undefined): Promise<Backend> {
  deps.host.native.guardMemory();
  return chooseBackend(deps, name);
}

async function openNamed(deps: KeystoreDeps, name: string): Promise<Keyring> {
  const backend = await choose(deps, name);
  const keyring = await backend.open(deps.host, deps.input);
  return explainFailures(keyring, () => backend.probe(deps.host, deps.input));
}

async function changePassphrase(
  deps: KeystoreDeps,
  named: string | undefined,
  source: NewPassphraseSource,
  alone: ActAlone,
): Promise<number> {
  const backend = await choose(deps, named);
  if (backend.changePassphrase) {
    return await backend.changePassphrase(deps.host, deps.input, source, alone);
  }
  const others = onThisPlatform(deps).filter((other) => other.changePassphrase !== undefined);
  throw new VaultError(
    "unsupported",
    `Cannot change the passphrase of back end ${quote(backend.name)}: it has none`,
    { hints: others.map(({ name }) => `${name} has one: --backend=${name}`) },
  );
}

async function lockAll(deps: KeystoreDeps): Promise<number> {
  let count = 0;
  for (const { lock } of onThisPlatform(deps)) count += await lock?.(deps.host) ?? 0;
  return count;
}

async function unlock(
  deps: KeystoreDeps,
  named: string | undefined,
  request: UnlockRequest,
): Promise<Unlocked> {
  const backend = await choose(deps, named);
  if (backend.unlock) return await backend.unlock(deps.host, deps.input, request);
  const others = onThisPlatform(deps).filter((other) => other.unlock !== undefined);
  throw new VaultError(
    "unsupported",
    `Cannot unlock back end ${
      quote(backend.name)
    }: its own system decides how long it stays unlocked`,
    { hints: others.map(({ name }) => `${name} can be unlocked: --backend=${name}`) },
  );
}

/** The descriptors that flags name, each once. */
function givenDescriptors({ backends, input }: KeystoreDeps): readonly number[] {
  const given = backends.flatMap(({ options }) => Object.values(options)).map((option) =>
    option.kind === "descriptor" ? input.flags[flagKey(option.flag)] : undefined
  );
  return [...new Set(given)].filter((value) => typeof value === "number");
}

function keepDescriptor({ host }: KeystoreDeps, descriptor: number): void {
  try {
    host.files.readDescriptor(descriptor);
  } catch (cause) {
    if (!hasCode(cause, "file-failed")) throw cause;
    const message = `Cannot read from descriptor ${descriptor}: it is not open for reading`;
    throw new VaultError("bad-usage", message, {
      hints: [
        "Open it in the same shell command, such as: 3< FILE",
        "A server that runs in the background inherits none: give it a program that prints the secret",
      ],
      cause,
    });
  }
}

/** The result of a promise, or `undefined` if it failed: the failure was reported where it was awaited. */
async function settled<T>(promise: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await promise;
  } catch {
    return undefined;
  }
}
