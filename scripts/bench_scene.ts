/** Homes for measurements: made by the program itself, against an AWS that runs in the bench. */

import { DatabaseSync } from "node:sqlite";
import { Authority } from "../tests/roles_anywhere/authority.ts";
import { type FakeAws, startFakeAws } from "../tests/servers/fake_aws.ts";
import { hasGnomeKeyring, startGnomeKeyring } from "../tests/services/gnome_keyring.ts";
import type { Subject } from "./bench_measure.ts";
import { type Relay, startRelay } from "./bench_relay.ts";

/** Where the key of a scene is stored. */
export type Store = "keyctl" | "file, unlock key cached" | "file, passphrase" | "secret-service";

/** What a scene contains besides one stored key and its cached session. */
export interface SceneSpec {
  readonly store: Store;
  /** In the config file, 1 or more. */
  readonly profiles: number;
  /** Other sessions in the cache. */
  readonly sessions: number;
  /**
   * How many roles the chain has between the profile and its key, with an AWS that is 50 ms away.
   */
  readonly roles: number;
  /** The profile uses Identity Center, with a login and cached credentials, and no key is stored. */
  readonly sso?: boolean;
  /** Additional variables for every command. */
  readonly env?: Readonly<Record<string, string>>;
  /** The profile starts with a certificate in the keystore, and no key is stored. */
  readonly anywhere?: boolean;
}

/** How long a distant AWS takes to answer. */
const FAR_AWAY_MS = 50;

/** A home where one profile has a cached session. */
export interface Scene extends AsyncDisposable {
  /** A name that only this scene has: all scenes share the kernel's keys. */
  readonly profile: string;
  /** Its folder. */
  readonly home: string;
  /** A command line of the program in this home. */
  subject(...args: string[]): Subject;
}

/**
 * Makes a home with a program; throws if the program cannot do its part.
 *
 * Our program must have everything cached after that; a peer need not.
 */
export async function openScene(
  program: string,
  spec: SceneSpec,
  options: { readonly mustCache: boolean } = { mustCache: true },
): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const home = await Deno.makeTempDir({ prefix: "aws-vault-bench-" });
  const keyProfile = home.slice(home.lastIndexOf("/") + 1);
  const profile = spec.sso
    ? `${keyProfile}-sso`
    : spec.anywhere
    ? `${keyProfile}-anywhere`
    : roleProfile(keyProfile, spec.roles);
  stack.defer(() => Deno.remove(home, { recursive: true }));
  const roles = [
    ...Array.from({ length: spec.roles }, (_, at) => ({ name: `role-${at + 1}` })),
    { name: "backup", trusts: ["rolesanywhere.amazonaws.com"] },
  ];
  const aws = stack.use(
    await startFakeAws({
      users: [{ name: "bench" }],
      stsRegions: "any",
      roles,
      identityCenter: { intervalSeconds: 1 },
    }),
  );
  const near = spec.roles === 0 ? aws : stack.use(startRelay(aws.url, FAR_AWAY_MS));
  const keystore = stack.use(await startKeystore(spec.store));
  const env = { ...environment(home, near), ...keystore.env, ...spec.env };
  const subject = (...args: string[]): Subject => ({ command: program, args, env });
  await Deno.mkdir(`${home}/.aws`);
  using authority = spec.anywhere ? new Authority() : undefined;
  const config = renderConfig(keyProfile, spec, aws.world.account) +
    (authority === undefined ? "" : renderAnywhere(profile, authority, aws));
  await Deno.writeTextFile(`${home}/.aws/config`, config);
  const written = Date.now();
  const { id, secret } = aws.user("bench").key;
  const key = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, ...keystore.secrets };
  if (spec.sso) await run(subject("sso", "login", "--sso-device-code", profile), keystore.secrets);
  else if (authority !== undefined) {
    authority.issue("leaf");
    await Deno.writeTextFile(authority.path("whole.pem"), authority.withChain("leaf"));
    const files = ["--certificate", authority.path("whole.pem")];
    const key = ["--private-key", authority.path("leaf.key")];
    stack.defer(() => cleanUp(subject("remove", "--force", profile)));
    await run(subject("add", ...files, ...key, profile), keystore.secrets);
  } else {
    stack.defer(() => cleanUp(subject("remove", "--force", keyProfile)));
    await run(subject("add", "--env", "--no-add-config", keyProfile), key);
  }
  await run(subject("export", "--format=json", profile), keystore.secrets);
  if (spec.profiles > 10_000) await remembered(written, () => run(subject("export", profile)));
  if (spec.sessions > 0) fillCache(`${home}/.awsvault/state/sessions.db`, spec.sessions);
  aws.takeCalls();
  // As in the measurement: without the secrets, and with nothing left to request from AWS.
  await run(subject("export", "--format=json", profile));
  const calls = aws.takeCalls();
  if (options.mustCache && calls.length > 0) {
    throw new Error(`The session was not cached: ${calls.join(", ")}`);
  }
  const opened = stack.move();
  return { profile, home, subject, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

function environment(home: string, aws: Pick<FakeAws | Relay, "url">): Record<string, string> {
  return {
    HOME: home,
    PATH: "/usr/bin:/bin",
    LANG: "C.UTF-8",
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: "us-east-1",
    ...Deno.build.os === "windows" ? windowsEnvironment(home) : {},
  };
}

/** Without SystemRoot no program on Windows can open a socket. */
function windowsEnvironment(home: string): Record<string, string> {
  return { USERPROFILE: home, SystemRoot: Deno.env.get("SystemRoot") ?? "C:\\Windows" };
}

/** The section offsets of a large file are cached once it has settled; see `src/system/file_parts.ts`. */
async function remembered(written: number, call: () => Promise<void>): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, written + 2100 - Date.now()));
  await call();
}

interface Keystore extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  /** Available only while the scene is made. */
  readonly secrets: Readonly<Record<string, string>>;
}

async function startKeystore(store: Store): Promise<Keystore> {
  const passphrase = { AWS_VAULT_FILE_PASSPHRASE: crypto.randomUUID() };
  const nothing = { [Symbol.asyncDispose]: () => Promise.resolve() };
  switch (store) {
    case "keyctl":
      return { env: { AWS_VAULT_BACKEND: "keyctl" }, secrets: {}, ...nothing };
    case "file, unlock key cached":
      return { env: { AWS_VAULT_BACKEND: "file" }, secrets: passphrase, ...nothing };
    case "file, passphrase": {
      const env = { AWS_VAULT_BACKEND: "file", AWS_VAULT_FILE_UNLOCK_TTL: "0", ...passphrase };
      return { env, secrets: {}, ...nothing };
    }
    case "secret-service": {
      if (!hasGnomeKeyring()) throw new Error("gnome-keyring is not on this machine");
      const service = await startGnomeKeyring();
      const env = { AWS_VAULT_BACKEND: "secret-service", ...service.env };
      const collection = { AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME: "login" };
      return {
        env: { ...env, ...collection },
        secrets: {},
        [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
      };
    }
  }
}

/** The profile of a key, or of the role at that distance from it. */
function roleProfile(keyProfile: string, roles: number): string {
  return roles === 0 ? keyProfile : `${keyProfile}-role-${roles}`;
}

function renderConfig(keyProfile: string, spec: SceneSpec, account: string): string {
  const section = (name: string, role: string, source: string) =>
    `[profile ${name}]\nregion = eu-west-1\nrole_arn = arn:aws:iam::${account}:role/${role}\n` +
    `source_profile = ${source}\n\n`;
  const own = Array.from(
    { length: spec.roles },
    (_, at) =>
      section(roleProfile(keyProfile, at + 1), `role-${at + 1}`, roleProfile(keyProfile, at)),
  );
  const others = Array.from(
    { length: spec.profiles - 1 },
    (_, at) => section(`other-${at}`, `other-${at}`, keyProfile),
  );
  const sso = spec.sso ? renderSso(`${keyProfile}-sso`, account) : "";
  const half = Math.floor(others.length / 2);
  const key = `[profile ${keyProfile}]\nregion = us-east-1\n\n`;
  // In the middle, so that neither end of the file has an advantage.
  return [...others.slice(0, half), key, ...own, sso, ...others.slice(half)].join("");
}

function renderSso(profile: string, account: string): string {
  return "[sso-session bench]\nsso_start_url = https://corp.awsapps.com/start\n" +
    `sso_region = us-east-1\n\n[profile ${profile}]\nregion = eu-west-1\nsso_session = bench\n` +
    `sso_account_id = ${account}\nsso_role_name = Admin\n\n`;
}

function renderAnywhere(profile: string, authority: Authority, { world }: FakeAws): string {
  const role = `arn:aws:iam::${world.account}:role/backup`;
  const settings = Object.entries(world.rolesAnywhere.setUp(authority.root, [role]));
  return `[profile ${profile}]\nregion = eu-west-1\n` +
    settings.map(([name, value]) => `${name} = ${value}\n`).join("") + "\n";
}

/** Copies the only session under as many other identities. */
function fillCache(path: string, count: number): void {
  const database = new DatabaseSync(path);
  database.prepare(
    `WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < ?)
     INSERT INTO sessions (identity, key_id, kind, profile, source_key, expiration, granted_seconds, changes, sealed)
     SELECT lower(hex(randomblob(32))), key_id, kind, 'other-' || n, source_key, expiration,
       granted_seconds, changes, sealed
     FROM counter, (SELECT * FROM sessions LIMIT 1)`,
  ).run(count);
  database.close();
}

async function run(subject: Subject, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const { command, args, env } = subject;
  const { success, stderr } = await new Deno.Command(command, {
    args: [...args],
    env: { ...env, ...more },
    clearEnv: true,
    stdin: "null",
  }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim().split("\n")[0];
  throw new Error(`\`${args[0]}\` failed: ${said}`);
}

/** The kernel's keys outlive the scene's folder. */
async function cleanUp(remove: Subject): Promise<void> {
  await run(remove).catch(() => undefined);
}
