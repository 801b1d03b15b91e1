import { unknownToken } from "./refusal.ts";
import { Refusal } from "./refusal.ts";
import { Role, type RoleSpec } from "./roles.ts";
import {
  type Caller,
  callerOfKey,
  callerOfSession,
  newSession,
  type Session,
  type SessionRequest,
} from "./sessions.ts";
import { IdentityCenter, type IdentityCenterSpec } from "./identity_center.ts";
import type { MfaDevice } from "./mfa.ts";
import { Machine, type MachineSpec } from "./machine.ts";
import { RolesAnywhere } from "./roles_anywhere.ts";
import { SamlProvider } from "./saml.ts";
import { Signin, type SigninSpec } from "./signin.ts";
import { IdentityProvider } from "./web_identity.ts";
import { AccessKey, KEYS_PER_USER, type KeySpec, User, type UserSpec } from "./users.ts";

/** What exists in the fake AWS at its start. */
export interface WorldSpec {
  /** Twelve digits; `111122223333` by default. */
  readonly account?: string;
  /** The name of the account; none by default. */
  readonly accountAlias?: string;
  /** One user `alice` with one key and one TOTP device by default. */
  readonly users?: readonly UserSpec[];
  readonly roles?: readonly RoleSpec[];
  /**
   * How many calls with a new key AWS refuses at first (IAM is eventually consistent);
   * `"until-settled"`: all of them until `settle()`. None by default.
   */
  readonly newKeyRefusals?: number | "until-settled";
  /** How many times ListAccessKeys leaves out a new key; none by default. */
  readonly newKeyUnlisted?: number;
  /** How many keys a user may have; 2 by default, as AWS's quota AccessKeysPerUser says. */
  readonly keysPerUser?: number;
  readonly identityCenter?: IdentityCenterSpec;
  /** Sessions live no longer than this, whatever was asked for, to be seen expiring; AWS's own limits by default. */
  readonly longestSessionSeconds?: number;
  readonly machine?: MachineSpec;
  readonly signin?: SigninSpec;
}

/** The users, roles and sessions that AWS knows, and the clock it goes by. */
export class World {
  readonly account: string;
  readonly accountAlias: string | undefined;
  readonly users: readonly User[];
  readonly roles: readonly Role[];
  readonly provider = new IdentityProvider();
  readonly identityCenter: IdentityCenter;
  readonly machine: Machine;
  readonly signin: Signin;
  readonly rolesAnywhere = new RolesAnywhere();
  readonly samlProvider = new SamlProvider();
  /** Milliseconds by which AWS's clock is ahead of this machine's. */
  clockOffsetMs = 0;
  /** Virtual MFA devices that are not enabled for anybody. */
  readonly unassigned: MfaDevice[] = [];
  readonly #sessions = new Map<string, Session>();
  readonly #secrets = new Set<string>();
  readonly #newKeyRefusals: number;
  readonly #newKeyUnlisted: number;
  readonly keysPerUser: number;
  readonly #longestSessionSeconds: number;

  constructor(spec: WorldSpec) {
    this.account = spec.account ?? "111122223333";
    this.accountAlias = spec.accountAlias;
    this.identityCenter = new IdentityCenter(spec.identityCenter);
    this.signin = new Signin(spec.signin);
    this.machine = new Machine(spec.machine ?? {}, this);
    const users = spec.users ?? [{ name: "alice", mfa: [{}] }];
    this.users = users.map((user) => new User(user, this.account, this.now()));
    this.roles = (spec.roles ?? []).map((role) => new Role(role, this.account));
    const refusals = spec.newKeyRefusals ?? 0;
    this.#newKeyUnlisted = spec.newKeyUnlisted ?? 0;
    this.keysPerUser = spec.keysPerUser ?? KEYS_PER_USER;
    this.#longestSessionSeconds = spec.longestSessionSeconds ?? Infinity;
    this.#newKeyRefusals = refusals === "until-settled" ? Infinity : refusals;
    for (const key of this.users.flatMap((user) => user.keys)) this.#secrets.add(key.secret);
    for (const { secret } of this.devices()) this.#secrets.add(secret);
  }

  /** AWS's time, in milliseconds of the epoch. */
  now(): number {
    return Date.now() + this.clockOffsetMs;
  }

  /** All MFA devices. */
  devices(): MfaDevice[] {
    return [...this.unassigned, ...this.users.flatMap(({ devices }) => devices)];
  }

  /** Adds a virtual device that is not enabled yet. */
  addDevice(device: MfaDevice): void {
    this.unassigned.push(device);
    this.#secrets.add(device.secret);
  }

  /** Every secret access key, session token and seed that was ever handed out. */
  secrets(): string[] {
    const others = [this.identityCenter, this.signin];
    return [...this.#secrets, ...others.flatMap((one) => one.secrets())];
  }

  /** The access key ids of all temporary credentials that were ever handed out. */
  sessionIds(): string[] {
    return [...this.#sessions.keys()];
  }

  /** The temporary credentials of an access key id. */
  session(accessKeyId: string): Session | undefined {
    return this.#sessions.get(accessKeyId);
  }

  /** The name of the user behind temporary credentials; throws where they are a role's, or unknown. */
  sessionUser(accessKeyId: string): string {
    const user = this.#sessions.get(accessKeyId)?.user;
    if (user === undefined) throw new Error(`${accessKeyId} is not a user's session`);
    return user.name;
  }

  user(name: string): User {
    const user = this.users.find((user) => user.name === name);
    if (user === undefined) throw new Error(`there is no user ${name} in the fake AWS`);
    return user;
  }

  role(name: string): Role {
    const role = this.roles.find((role) => role.name === name || role.arn === name);
    if (role === undefined) throw new Error(`there is no role ${name} in the fake AWS`);
    return role;
  }

  /** The role that Identity Center makes in an account for what it assigns there. */
  assignedRole(name: string, account: string): Role {
    return new Role({ name, account, trusts: [] }, account);
  }

  /** Makes a key for a user, which is refused for as long as the world's description says. */
  createKey(user: User, spec: KeySpec = { ageDays: 0 }): AccessKey {
    const key = new AccessKey(spec, this.now());
    key.unlistedLeft = this.#newKeyUnlisted;
    key.refusalsLeft = this.#newKeyRefusals;
    user.keys.push(key);
    this.#secrets.add(key.secret);
    return key;
  }

  /** Every new key has reached all of AWS's servers. */
  settle(): void {
    for (const key of this.users.flatMap((user) => user.keys)) key.refusalsLeft = 0;
  }

  createSession(request: SessionRequest, durationSeconds: number): Session {
    const seconds = Math.min(durationSeconds, this.#longestSessionSeconds);
    const session = newSession(request, seconds, this.now());
    this.#sessions.set(session.id, session);
    this.#secrets.add(session.secret).add(session.token);
    return session;
  }

  /** The secret behind an access key id, with the caller that it proves; throws `Refusal`. */
  credentialsOf(
    accessKeyId: string,
    token: string | undefined,
  ): { secret: string; caller: Caller } {
    return accessKeyId.startsWith("ASIA")
      ? this.#sessionCredentials(accessKeyId, token)
      : this.#keyCredentials(accessKeyId, token);
  }

  #sessionCredentials(id: string, token: string | undefined): { secret: string; caller: Caller } {
    const session = this.#sessions.get(id);
    if (session === undefined || token !== session.token) throw unknownToken();
    if (session.expiresMs <= this.now()) {
      throw new Refusal(
        403,
        "ExpiredToken",
        "The security token included in the request is expired",
      );
    }
    return { secret: session.secret, caller: callerOfSession(session) };
  }

  #keyCredentials(id: string, token: string | undefined): { secret: string; caller: Caller } {
    if (token !== undefined) throw unknownToken();
    for (const user of this.users) {
      const key = user.keys.find((key) => key.id === id && key.active);
      if (key === undefined) continue;
      if (key.refusalsLeft > 0) {
        key.refusalsLeft--;
        throw unknownToken();
      }
      return { secret: key.secret, caller: callerOfKey(user, key) };
    }
    throw unknownToken();
  }
}
