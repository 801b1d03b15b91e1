/**
 * IAM Identity Center of the fake AWS: who may sign in, what the person at the page does, and the tokens
 * that were handed out.
 */

import { createHash } from "node:crypto";
import { randomId, randomToken } from "./random_ids.ts";

/** An account with the roles that are assigned to the person. */
export interface AssignedAccount {
  /** Twelve digits. */
  readonly id: string;
  readonly name: string;
  readonly email?: string;
  readonly roles: readonly string[];
}

/** What the person does with a request to sign in. */
export type Person = "approves" | "refuses" | "waits";

/** Identity Center in the description of a world. */
export interface IdentityCenterSpec {
  /** `https://corp.awsapps.com/start` by default. */
  readonly startUrl?: string;
  /** One account `111122223333` with the roles `Admin` and `ReadOnly` by default. */
  readonly accounts?: readonly AssignedAccount[];
  readonly person?: Person;
  /** Who signs in; `ann` by default. */
  readonly user?: string;
  /** How many polls with a device code are answered "pending" before the person's answer; 0 by default. */
  readonly pendingPolls?: number;
  /** How many polls are answered "slow down" first; 0 by default. */
  readonly slowDowns?: number;
  /** The time between two polls, in seconds; 5 by default. A poll that comes earlier is slowed down. */
  readonly intervalSeconds?: number;
  /** How long a device code and an authorization code live, in seconds; 600 by default. */
  readonly codeSeconds?: number;
  /** 28,800 by default. */
  readonly tokenSeconds?: number;
  /** How long a registration lives, in seconds; 90 days by default. */
  readonly clientSeconds?: number;
  /** Whether refresh tokens are given where scope and grant allow it; true by default. */
  readonly refreshes?: boolean;
  /** What RegisterClient says to the grant `authorization_code`; it is accepted by default. */
  readonly pkceRefusal?: "UnsupportedGrantTypeException" | "InvalidScopeException";
  /** The longest page of a list, whatever is asked for; 100 by default. */
  readonly pageSize?: number;
  /** How long a role's credentials live, in seconds; 3600 by default. */
  readonly roleSeconds?: number;
}

/** A registered client. */
export interface Client {
  readonly id: string;
  readonly secret: string;
  readonly expiresMs: number;
  readonly scopes: readonly string[];
  readonly grantTypes: readonly string[];
  readonly redirectUris: readonly string[];
}

/** A device that waits for the person. */
export interface Device {
  readonly code: string;
  readonly userCode: string;
  readonly client: Client;
  readonly expiresMs: number;
  intervalMs: number;
  pendingLeft: number;
  lastPollMs: number;
  isUsed: boolean;
}

/** An authorization code that the person's browser carried. */
export interface AuthorizationCode {
  readonly code: string;
  readonly client: Client;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly scopes: readonly string[];
  readonly expiresMs: number;
  isUsed: boolean;
}

/** An access token with what refreshes it. */
export interface SignIn {
  readonly user: string;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly client: Client;
  readonly scopes: readonly string[];
  readonly expiresMs: number;
  isOver: boolean;
  isRefreshed: boolean;
}

export class IdentityCenter {
  spec: Required<Omit<IdentityCenterSpec, "pkceRefusal">> & IdentityCenterSpec;
  readonly clients: Client[] = [];
  readonly devices: Device[] = [];
  readonly codes: AuthorizationCode[] = [];
  readonly signIns: SignIn[] = [];
  /** How often the page at which a person signs in was opened. */
  pagesOpened = 0;
  slowDownsLeft: number;

  constructor(spec: IdentityCenterSpec = {}) {
    this.spec = {
      startUrl: "https://corp.awsapps.com/start",
      accounts: [{ id: "111122223333", name: "Main", roles: ["Admin", "ReadOnly"] }],
      person: "approves",
      user: "ann",
      pendingPolls: 0,
      slowDowns: 0,
      intervalSeconds: 5,
      codeSeconds: 600,
      tokenSeconds: 28_800,
      clientSeconds: 90 * 24 * 3600,
      refreshes: true,
      pageSize: 100,
      roleSeconds: 3600,
      ...spec,
    };
    this.slowDownsLeft = this.spec.slowDowns;
  }

  /** What is so from now on. */
  change(spec: IdentityCenterSpec): void {
    this.spec = { ...this.spec, ...spec };
    this.slowDownsLeft = spec.slowDowns ?? this.slowDownsLeft;
  }

  /** Every secret that was handed out. */
  secrets(): string[] {
    return [
      ...this.clients.map(({ secret }) => secret),
      ...this.devices.map(({ code }) => code),
      ...this.codes.map(({ code }) => code),
      ...this.signIns.flatMap(({ accessToken, refreshToken }) => [
        accessToken,
        ...refreshToken === undefined ? [] : [refreshToken],
      ]),
    ];
  }

  addClient(client: Pick<Client, "scopes" | "grantTypes" | "redirectUris">, nowMs: number): Client {
    const made = {
      ...client,
      id: randomId("client", 22),
      secret: "eyJraWQ" + randomToken(),
      expiresMs: nowMs + this.spec.clientSeconds * 1000,
    };
    this.clients.push(made);
    return made;
  }

  addDevice(client: Client, nowMs: number): Device {
    const letters = randomId("", 8);
    const device = {
      code: randomToken(),
      userCode: `${letters.slice(0, 4)}-${letters.slice(4)}`,
      client,
      expiresMs: nowMs + this.spec.codeSeconds * 1000,
      intervalMs: this.spec.intervalSeconds * 1000,
      pendingLeft: this.spec.pendingPolls,
      lastPollMs: -Infinity,
      isUsed: false,
    };
    this.devices.push(device);
    return device;
  }

  addCode(
    code: Pick<AuthorizationCode, "client" | "redirectUri" | "challenge" | "scopes">,
    nowMs: number,
  ): AuthorizationCode {
    const made = {
      ...code,
      code: randomToken().replaceAll(/[+/=]/g, "-"),
      expiresMs: nowMs + this.spec.codeSeconds * 1000,
      isUsed: false,
    };
    this.codes.push(made);
    return made;
  }

  addSignIn(
    client: Client,
    scopes: readonly string[],
    mayRefresh: boolean,
    nowMs: number,
    user = this.spec.user,
  ): SignIn {
    const signIn = {
      user,
      accessToken: "aoaAAAA" + randomToken(),
      refreshToken: mayRefresh && this.spec.refreshes ? "aorAAAA" + randomToken() : undefined,
      client,
      scopes,
      expiresMs: nowMs + this.spec.tokenSeconds * 1000,
      isOver: false,
      isRefreshed: false,
    };
    this.signIns.push(signIn);
    return signIn;
  }

  /** Whose token it is, where it is good. */
  findSignIn(accessToken: string | undefined, nowMs: number): SignIn | undefined {
    return this.signIns.find((one) =>
      one.accessToken === accessToken && !one.isOver && one.expiresMs > nowMs
    );
  }

  /** Ends every access token before its time; refresh tokens go on, unless they are to end as well. */
  endTokens({ refreshToo = false } = {}): void {
    for (const signIn of this.signIns) {
      signIn.isOver = true;
      if (refreshToo) signIn.isRefreshed = true;
    }
  }
}

/** The PKCE challenge of a verifier (RFC 7636, 4.2). */
export function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}
