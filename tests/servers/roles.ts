import { randomId } from "./random_ids.ts";

/** A role in the description of a world. */
export interface RoleSpec {
  readonly name: string;
  /** Twelve digits; the world's account by default. */
  readonly account?: string;
  /** Whom it trusts: account ids, or ARNs of users and roles; its own account by default. */
  readonly trusts?: readonly string[];
  /** The `sub` of the tokens of the world's identity provider that it trusts; none by default. */
  readonly subjects?: readonly string[];
  /** Whether the trust requires MFA. */
  readonly mfa?: boolean;
  /** The external id that the trust asks for. */
  readonly externalId?: string;
  /** 3600 to 43200; 3600 by default, as AWS makes roles. */
  readonly maxSessionSeconds?: number;
  /** The names of the tags that the trust lets a session carry; any by default. */
  readonly tagKeys?: readonly string[];
  /** The source identity that the trust asks for. */
  readonly sourceIdentity?: string;
  /** Actions that its policy denies, such as `iam:ListAccessKeys`. */
  readonly deny?: readonly string[];
}

/** A role that can be assumed. */
export class Role {
  readonly name: string;
  readonly account: string;
  readonly id = randomId("AROA", 21);
  readonly trusts: readonly string[];
  readonly subjects: readonly string[];
  readonly mfa: boolean;
  readonly externalId: string | undefined;
  readonly maxSessionSeconds: number;
  readonly tagKeys: readonly string[] | undefined;
  readonly sourceIdentity: string | undefined;
  readonly #deny: ReadonlySet<string>;

  constructor(spec: RoleSpec, account: string) {
    this.name = spec.name;
    this.account = spec.account ?? account;
    this.trusts = spec.trusts ?? [this.account];
    this.subjects = spec.subjects ?? [];
    this.mfa = spec.mfa ?? false;
    this.externalId = spec.externalId;
    this.maxSessionSeconds = spec.maxSessionSeconds ?? 3600;
    this.tagKeys = spec.tagKeys;
    this.sourceIdentity = spec.sourceIdentity;
    this.#deny = new Set(spec.deny);
  }

  get arn(): string {
    return `arn:aws:iam::${this.account}:role/${this.name}`;
  }

  allows(action: string): boolean {
    return !this.#deny.has(action);
  }
}
