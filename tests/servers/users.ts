import { type MfaDevice, MfaDevice as Device, type MfaSpec } from "./mfa.ts";
import { randomId, randomSecret } from "./random_ids.ts";

/** A user in the description of a world. */
export interface UserSpec {
  readonly name: string;
  /** Twelve digits; the world's account by default. */
  readonly account?: string;
  /** One active key by default; at most two. */
  readonly keys?: readonly KeySpec[];
  readonly mfa?: readonly MfaSpec[];
  /** Actions that its policy denies, such as `iam:ListAccessKeys`. */
  readonly deny?: readonly string[];
  /** Actions that its policy allows only with MFA shown. */
  readonly denyWithoutMfa?: readonly string[];
}

/** An access key in the description of a user. */
export interface KeySpec {
  readonly id?: string;
  readonly secret?: string;
  readonly active?: boolean;
  /** Days since it was made; 1 by default. */
  readonly ageDays?: number;
  /** Days since it was used; never by default. */
  readonly usedDaysAgo?: number;
}

/** Two, as AWS's quota AccessKeysPerUser says. */
export const KEYS_PER_USER = 2;

const DAY_MS = 86_400_000;

/** A long-term access key. */
export class AccessKey {
  readonly id: string;
  readonly secret: string;
  readonly createdMs: number;
  active: boolean;
  lastUsed: { atMs: number; service: string; region: string } | undefined;
  /** How many calls AWS refuses before the key has reached every one of its servers. */
  refusalsLeft = 0;
  /** How many lists leave the key out before all of AWS's servers know it. */
  unlistedLeft = 0;

  constructor(spec: KeySpec, nowMs: number) {
    this.id = spec.id ?? randomId("AKIA", 20);
    this.secret = spec.secret ?? randomSecret();
    this.active = spec.active ?? true;
    this.createdMs = nowMs - (spec.ageDays ?? 1) * DAY_MS;
    if (spec.usedDaysAgo !== undefined) {
      const atMs = nowMs - spec.usedDaysAgo * DAY_MS;
      this.lastUsed = { atMs, service: "sts", region: "us-east-1" };
    }
  }

  get status(): "Active" | "Inactive" {
    return this.active ? "Active" : "Inactive";
  }
}

/** As the IAM user guide has them, "IAM ARNs". */
function serialOf(user: string, account: string, { name, isSecurityKey }: MfaSpec): string {
  const kind = isSecurityKey ? `u2f/user/${user}` : "mfa";
  return `arn:aws:iam::${account}:${kind}/${name ?? user}`;
}

/** An IAM user: who signs, and who owns the keys and devices. */
export class User {
  readonly name: string;
  readonly account: string;
  readonly id = randomId("AIDA", 21);
  readonly createdMs: number;
  readonly keys: AccessKey[];
  readonly devices: MfaDevice[];
  readonly #deny: ReadonlySet<string>;
  readonly #denyWithoutMfa: ReadonlySet<string>;

  constructor(spec: UserSpec, account: string, nowMs: number) {
    this.name = spec.name;
    this.account = spec.account ?? account;
    this.createdMs = nowMs - 400 * DAY_MS;
    this.keys = (spec.keys ?? [{}]).map((key) => new AccessKey(key, nowMs));
    if (this.keys.length > KEYS_PER_USER) throw new Error(`too many keys for ${spec.name}`);
    this.devices = (spec.mfa ?? []).map((mfa) =>
      new Device(serialOf(spec.name, this.account, mfa), mfa, nowMs)
    );
    this.#deny = new Set(spec.deny);
    this.#denyWithoutMfa = new Set(spec.denyWithoutMfa);
  }

  get arn(): string {
    return `arn:aws:iam::${this.account}:user/${this.name}`;
  }

  /** Its first key; throws where it has none. */
  get key(): AccessKey {
    const key = this.keys[0];
    if (key === undefined) throw new Error(`${this.name} has no key`);
    return key;
  }

  /** Its first device; throws where it has none. */
  get device(): MfaDevice {
    const device = this.devices[0];
    if (device === undefined) throw new Error(`${this.name} has no MFA device`);
    return device;
  }

  allows(action: string, mfa: boolean): boolean {
    return !this.#deny.has(action) && (mfa || !this.#denyWithoutMfa.has(action));
  }
}
