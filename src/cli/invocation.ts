import type { Backend } from "../backend.ts";
import type { SessionCache } from "../cache/cached_sessions.ts";
import type { openSessionCache as OpenSessionCache } from "../cache/session_cache.ts";
import type { GlobalFlags, Invocation } from "../commands/context.ts";
import { type OpenedConfig, readConfig } from "../config/files.ts";
import type { CredentialSource } from "../credentials/source.ts";
import type { Env, Host } from "../host.ts";
import type { Terminal } from "../terminal.ts";
import { openKeystore } from "../keystore/keystore.ts";
import { quietTalk, talkTo } from "./output.ts";

/** An invocation, with what only the program itself needs of it. */
export interface ProgramInvocation extends Invocation {
  /** For a command that failed because it found no key: reports where else there is a key. */
  explainWhereKeysAre(error: unknown): Promise<void>;
}

/** The tables of self-describing rows. */
export interface Tables {
  readonly backends: readonly Backend[];
  readonly sources: readonly CredentialSource[];
}

/** Starts one invocation: each thing is opened on first use, and only once. */
export function openInvocation(
  world: Host,
  { backends, sources }: Tables,
  flags: GlobalFlags,
  { isQuiet = false } = {},
): ProgramInvocation {
  const mayPrompt = flags.noPrompt !== true;
  const spoken = talkTo(world.stderr, flags.debug === true, world.stdout);
  const { talk, show } = isQuiet ? quietTalk(spoken, world.stderr) : { talk: spoken, show() {} };
  const host = {
    ...world,
    env: withoutSecrets(world.env, backends),
    talk,
    terminal: mayPrompt ? world.terminal : withoutPerson(world.terminal),
  };
  const keystore = openKeystore(
    // All flags: those that back ends declare are included, and have no type here.
    { host, backends, input: { flags: { ...flags }, mayPrompt } },
    flags.backend ?? (host.env.get("AWS_VAULT_BACKEND") || undefined),
  );
  let config: OpenedConfig | undefined;
  let cache: Promise<SessionCache> | undefined;
  return {
    ...keystore,
    host,
    flags,
    mayPrompt,
    sources,
    config: () => config ??= readConfig(host),
    cache: () => cache ??= openCache(host, keystore.keyring),
    async ownVariables() {
      const { ownVariables } = await import("./manual_environment.ts");
      return ownVariables(backends).map(([name]) => name);
    },
    async explainWhereKeysAre(error) {
      if (error !== undefined) show();
      await keystore.explainWhereKeysAre(error);
      if (error !== undefined) show();
    },
    async close() {
      config?.remember?.();
      await cache?.then((cache) => cache.close(), () => {});
      await keystore.close();
      cache = undefined;
    },
  };
}

/** Loaded when it is used: help, completion and mistakes need no cache. */
async function openCache(...opened: Parameters<typeof OpenSessionCache>): Promise<SessionCache> {
  const { openSessionCache } = await import("../cache/session_cache.ts");
  return await openSessionCache(...opened);
}

/** A terminal at which neither this program nor a helper asks anybody. */
function withoutPerson(terminal: Terminal): Terminal {
  return {
    isAvailable: () => Promise.resolve(false),
    write: (line) => terminal.write(line),
    ask: (question, options) => terminal.ask(question, options),
    dropTyped: () => terminal.dropTyped(),
  };
}

/**
 * An environment whose children inherit no secret of a back end; the program itself can read them.
 *
 * Every child's environment comes from `all`: the command of `exec`, helpers, prompts, and the programs
 * of other back ends could otherwise unlock the keystore with inherited secrets.
 */
function withoutSecrets(env: Env, backends: readonly Backend[]): Env {
  return {
    get: (name) => env.get(name),
    // Names are not case-sensitive on Windows.
    all() {
      const secrets = secretVariables(backends);
      const open = Object.entries(env.all()).filter(([name]) => !secrets.has(name.toUpperCase()));
      return Object.fromEntries(open);
    },
  };
}

function secretVariables(backends: readonly Backend[]): ReadonlySet<string | false | undefined> {
  const options = backends.flatMap(({ options }) => Object.values(options));
  return new Set(options.map(({ kind, variable }) => kind === "secret" && variable));
}
