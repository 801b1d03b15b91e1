import type { Backend, BackendHost, BackendOptions, NewPassphraseSource } from "../backend.ts";
import { openSessionCache, type SessionCache } from "../cache/session_cache.ts";
import type { GlobalFlags, Invocation } from "../commands/context.ts";
import { durationFrom } from "../config/lifetimes.ts";
import { readConfig } from "../config/files.ts";
import type { ConfigFile } from "../config/profile.ts";
import type { CredentialSource } from "../credentials/source.ts";
import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { Keyring } from "../keyring.ts";
import { quote } from "../text.ts";
import { chooseBackend } from "../keystore/choose.ts";
import { type ChosenKeyring, openChosenKeyring } from "../keystore/chosen_keyring.ts";
import { explainFailures } from "../keystore/unusable.ts";
import { talkTo } from "./output.ts";

/** How long the file store stays unlocked in a login session; `0`: each call asks. */
const UNLOCK_TTL = "AWS_VAULT_FILE_UNLOCK_TTL";
const DEFAULT_UNLOCK_SECONDS = 15 * 60;

/** A session with what only the program itself asks of it. */
export interface ProgramInvocation extends Invocation {
  /** For a command that failed because it found no key: says where else there is one. */
  sayWhereKeysAre(error: unknown): Promise<void>;
}

/** What there are many of, each a table of rows that describe themselves. */
export interface Tables {
  readonly backends: readonly Backend[];
  readonly sources: readonly CredentialSource[];
}

/** Starts one run of a command: nothing is opened before it is asked for, and everything once. */
export function openInvocation(
  host: Host,
  { backends, sources }: Tables,
  flags: GlobalFlags,
): ProgramInvocation {
  const talk = talkTo(host.stderr, flags.debug === true);
  const mayPrompt = flags.noPrompt !== true;
  const backendHost: BackendHost = { ...host, talk };
  const options = backendOptions(host, flags, mayPrompt);
  let config: ConfigFile | undefined;
  let cache: Promise<SessionCache> | undefined;
  let descriptor = flags.passphraseFd;
  let chosen: Promise<ChosenKeyring> | undefined;
  const keyrings = new Map<string, Promise<Keyring>>();

  const choose = (name: string | undefined) => chooseBackend(backendHost, backends, name, options);
  const openBackend = (name: string): Promise<Keyring> => {
    const opened = keyrings.get(name) ?? choose(name).then(async (backend) =>
      explainFailures(
        await backend.open(backendHost, options),
        () => backend.probe(backendHost, options),
      )
    );
    keyrings.set(name, opened);
    return opened;
  };
  const openChosen = () =>
    chosen ??= choose(undefined).then((backend) =>
      openChosenKeyring(backendHost, backends, options, backend, namesPlace(flags))
    );
  const wanted = flags.backend ?? (host.env.get("AWS_VAULT_BACKEND") || undefined);
  const keyring = async () =>
    wanted === undefined ? (await openChosen()).keyring : await openBackend(wanted);

  return {
    host,
    talk,
    flags,
    mayPrompt,
    sources,
    config: () => config ??= readConfig(host),
    keyring,
    cache: () => cache ??= openSessionCache({ ...host, talk }, keyring),
    openBackend,
    changePassphrase: async (source) =>
      changePassphrase(await choose(wanted), backendHost, options, source),
    lock: () => lock(backends, backendHost),
    async sayWhereKeysAre(error) {
      await (await settled(chosen))?.sayWhereKeysAre(error);
    },
    async close() {
      (await settled(cache))?.close();
      // The child of `exec` would inherit it, and could read the passphrase from it.
      const given = descriptor;
      descriptor = undefined;
      if (given !== undefined) await host.files.closeDescriptor(given);
      for (const opened of keyrings.values()) await (await settled(opened))?.close();
      await (await settled(chosen))?.keyring.close();
      cache = undefined;
      chosen = undefined;
      keyrings.clear();
    },
  };
}

function changePassphrase(
  backend: Backend,
  host: BackendHost,
  options: BackendOptions,
  source: NewPassphraseSource,
): Promise<number> {
  if (backend.changePassphrase) return backend.changePassphrase(host, options, source);
  throw new VaultError(
    "unsupported",
    `Cannot change the passphrase of back end ${quote(backend.name)}: it has none`,
    {
      hints: ["Name the file store: --backend=file"],
    },
  );
}

async function lock(backends: readonly Backend[], host: BackendHost): Promise<number> {
  let count = 0;
  for (const { platforms, lock } of backends) {
    if (lock && platforms.includes(host.platform.os)) count += await lock(host);
  }
  return count;
}

/** Whether a flag says where the keys are within whatever back end is chosen. */
function namesPlace(flags: GlobalFlags): boolean {
  const { keychain, secretServiceCollection, passDir, passCmd, passPrefix, fileDir } = flags;
  return [keychain, secretServiceCollection, passDir, passCmd, passPrefix, fileDir]
    .some((flag) => flag !== undefined);
}

/** What a promise gave, or `undefined` when it failed: a failure was reported where it was awaited. */
async function settled<T>(promise: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await promise;
  } catch {
    return undefined;
  }
}

/** Flags before variables (contracts 13). */
function backendOptions(host: Host, flags: GlobalFlags, mayPrompt: boolean): BackendOptions {
  const variable = (name: string) => host.env.get(name) || undefined;
  return {
    keychain: flags.keychain ?? variable("AWS_VAULT_KEYCHAIN_NAME"),
    secretServiceCollection: flags.secretServiceCollection ??
      variable("AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME"),
    passDir: flags.passDir ?? variable("AWS_VAULT_PASS_PASSWORD_STORE_DIR"),
    passCmd: flags.passCmd ?? variable("AWS_VAULT_PASS_CMD"),
    passPrefix: flags.passPrefix ?? variable("AWS_VAULT_PASS_PREFIX"),
    fileDir: flags.fileDir ?? variable("AWS_VAULT_FILE_DIR"),
    passphraseFd: flags.passphraseFd,
    passphraseCommand: flags.passphraseCommand ?? variable("AWS_VAULT_FILE_PASSPHRASE_COMMAND"),
    fileUnlockSeconds: durationFrom(host.env, UNLOCK_TTL, { zeroIsAbsent: false }) ??
      DEFAULT_UNLOCK_SECONDS,
    biometrics: flags.biometrics ?? (variable("AWS_VAULT_BIOMETRICS") === "true"),
    mayPrompt,
  };
}
