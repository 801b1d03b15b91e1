/** The steps of `setup`, in order: each proposes one thing, or nothing. */

import { plainSettings } from "../config/plain_settings.ts";
import { credentialsPath } from "../config/files.ts";
import { readEditable } from "../config/edit_file.ts";
import { classifyItem } from "../credentials/key_names.ts";
import { readCredentialsFile } from "../migration/credentials_file.ts";
import { counted, quote } from "../text.ts";
import { add } from "./add.ts";
import type { CommandContext, GlobalFlags, Invocation } from "./context.ts";
import { importAll } from "./import.ts";
import { ssoLogin } from "./sso_login.ts";
import { ssoPopulate } from "./sso_populate.ts";

/** The flags of `setup`. */
export interface SetupFlags extends GlobalFlags {
  readonly yes?: boolean | undefined;
  readonly import?: boolean | undefined;
  readonly noImport?: boolean | undefined;
  readonly deleteSource?: boolean | undefined;
  readonly sso?: boolean | undefined;
  readonly noSso?: boolean | undefined;
  readonly add?: string | undefined;
  readonly noBrowser?: boolean | undefined;
  readonly ssoDeviceCode?: boolean | undefined;
}

/** One run of `setup`. */
export interface SetupRun {
  /** Opened for this step, so that it sees the results of earlier steps. */
  readonly invocation: Invocation;
  readonly context: CommandContext;
  readonly flags: SetupFlags;
  /** A profile that is usable by now. */
  readonly working: string | undefined;
}

/** The result of a step's search. */
export interface Proposal {
  /** What was found, in a sentence. */
  readonly found?: string | undefined;
  readonly question: string;
  /** Does it, and gives a profile that is usable afterwards; absent: there is nothing to do. */
  readonly act?: (() => Promise<string | undefined>) | undefined;
  /** A profile that is already usable. */
  readonly working?: string | undefined;
}

/** One thing that `setup` looks for. */
export interface SetupStep {
  /** The choice of a flag: to do it or not. */
  readonly flag: (flags: SetupFlags) => boolean | undefined;
  /** How to do it if nobody can be asked. */
  readonly hint: string;
  /** Whether it removes nothing: then Enter means yes, and so does `--yes`. */
  readonly isSafe: boolean;
  find(run: SetupRun): Promise<Proposal | undefined>;
}

/** The steps, in order. */
export const SETUP_STEPS: readonly SetupStep[] = [
  { flag: () => undefined, hint: "", isSafe: true, find: findKeystore },
  {
    flag: ({ import: wanted, noImport }) => noImport ? false : wanted,
    hint: "to store these keys: --import",
    isSafe: true,
    find: findPlainKeys,
  },
  {
    flag: ({ deleteSource, noImport }) => noImport ? false : deleteSource,
    hint: "to remove the plain keys: --delete-source",
    isSafe: false,
    find: findLeftKeys,
  },
  {
    flag: ({ sso, noSso }) => noSso ? false : sso,
    hint: "to sign in: --sso",
    isSafe: true,
    find: findLogins,
  },
  {
    flag: ({ add: name }) => name !== undefined || undefined,
    hint: "to store a key from the environment: aws-vault add --env work",
    isSafe: true,
    find: findNothing,
  },
];

/** The keystore in use and the reason, and a profile that has a key in it. */
async function findKeystore({ invocation }: SetupRun): Promise<Proposal> {
  const states = await invocation.surveyBackends();
  const keyring = await invocation.keyring();
  const others = states.filter((state) =>
    state.isAutomatic && !state.isChosen && state.reason === undefined
  );
  const instead = others.length === 0
    ? ""
    : `; instead, with --backend: ${others.map(({ name }) => name).join(", ")}`;
  const found = `Keys are stored in ${keyring.backend} (${quote(keyring.location)})${instead}`;
  return { found, question: "", working: await storedProfile(invocation) };
}

async function storedProfile(invocation: Invocation): Promise<string | undefined> {
  const names = await (await invocation.keyring()).keys();
  return names.filter((name) => classifyItem(name) === "credential").sort()[0];
}

async function findPlainKeys(run: SetupRun): Promise<Proposal | undefined> {
  const { invocation, context, flags } = run;
  const keyring = await invocation.keyring();
  const plain: string[] = [];
  for (const name of plainProfiles(invocation)) if (!await keyring.has(name)) plain.push(name);
  const [first] = plain;
  if (first === undefined) return undefined;
  const path = credentialsPath(invocation.host);
  return {
    found: `${quote(path)} has ${counted(plain.length, "plain key")}: ${list(plain)}`,
    question: `Store ${plain.length === 1 ? "it" : "them"} in the keystore?`,
    async act() {
      await importAll(context, globalFlags(flags));
      return first;
    },
  };
}

/** Stored keys that are still in the file too. */
async function findLeftKeys(run: SetupRun): Promise<Proposal | undefined> {
  const { invocation, context, flags } = run;
  const keyring = await invocation.keyring();
  const all = plainProfiles(invocation);
  const left: string[] = [];
  for (const name of all) if (await keyring.has(name)) left.push(name);
  if (left.length === 0) return undefined;
  const path = credentialsPath(invocation.host);
  return {
    question: `Remove the plain keys that are stored now from ${quote(path)}?`,
    async act() {
      const wanted = { ...globalFlags(flags), deleteSource: true };
      if (left.length === all.length) await importAll(context, wanted);
      else for (const profile of left) await importAll(context, { ...wanted, profile });
      return left[0];
    },
  };
}

function plainProfiles({ host }: Invocation): string[] {
  const path = credentialsPath(host);
  const text = readEditable(host, path);
  return text === undefined
    ? []
    : readCredentialsFile(text, path).keys.map(({ profile }) => profile);
}

/** SSO sessions without any profile. */
async function findLogins(run: SetupRun): Promise<Proposal | undefined> {
  const { invocation, context, flags } = run;
  const config = invocation.config();
  const users = new Map(
    config.profileNames().map((name) => {
      const session = plainSettings(config.profile(name)!).get("sso_session")?.value;
      return [session, name] as const;
    }),
  );
  const sessions = config.ssoSessionNames();
  const unused = sessions.filter((session) => !users.has(session));
  const used = sessions.map((session) => users.get(session)).find((name) => name !== undefined);
  if (unused.length === 0) {
    return used === undefined ? undefined : { question: "", working: used };
  }
  return await Promise.resolve({
    found: `The config file has ${counted(unused.length, "login")} to IAM Identity Center ` +
      `without profiles: ${list(unused)}`,
    question: "Sign in, and write a profile for each of your roles?",
    async act() {
      for (const session of unused) {
        await ssoLogin.call(context, signInFlags(flags), session);
        await ssoPopulate.call(context, signInFlags(flags), session);
      }
      return firstOf(context.open(flags), unused);
    },
  });
}

/** The first profile of one of these sessions, in the current config file. */
function firstOf(invocation: Invocation, sessions: readonly string[]): string | undefined {
  const config = invocation.config();
  return config.profileNames().find((name) => {
    const session = plainSettings(config.profile(name)!).get("sso_session")?.value;
    return typeof session === "string" && sessions.includes(session);
  });
}

/** If nothing was found so far, or a name is given: a typed key. */
function findNothing({ context, flags, working }: SetupRun): Promise<Proposal | undefined> {
  if (working !== undefined && flags.add === undefined) return Promise.resolve(undefined);
  const name = flags.add ?? "work";
  return Promise.resolve({
    ...flags.add === undefined && { found: "No key and no login was found" },
    question: `Store an access key now, for a profile named ${quote(name)}?`,
    async act() {
      await add.call(context, globalFlags(flags), name);
      return name;
    },
  });
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).map(quote).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** The flags of every command, including those of back ends. */
function globalFlags(flags: SetupFlags): GlobalFlags {
  const {
    yes: _yes,
    import: _import,
    noImport: _noImport,
    deleteSource: _deleteSource,
    sso: _sso,
    noSso: _noSso,
    add: _add,
    noBrowser: _noBrowser,
    ssoDeviceCode: _ssoDeviceCode,
    ...global
  } = flags;
  return global;
}

function signInFlags(flags: SetupFlags) {
  const { noBrowser, ssoDeviceCode } = flags;
  return { ...globalFlags(flags), noBrowser, ssoDeviceCode };
}
