/**
 * A machine and a container: the instance metadata service of EC2 and the credential endpoint of ECS and
 * EKS, at paths of the fake AWS.
 */

import { headerValues, type WireAnswer, type WireRequest } from "./http.ts";
import { randomId, randomSecret } from "./random_ids.ts";
import { Refusal } from "./refusal.ts";
import type { Session } from "./sessions.ts";
import type { World } from "./world.ts";

export interface MachineSpec {
  /** The role of the machine; empty: none. `machine` by default. */
  readonly role?: string;
  /** `only`: a GET without a token is refused; `none`: there are no tokens; both by default. */
  readonly v2?: "only" | "none";
  /** What the container's endpoint takes as `Authorization`; absent: nothing. */
  readonly containerToken?: string;
  /** For how long its credentials are good. */
  readonly seconds?: number;
}

/** One request of a machine, as it is noted. */
export interface MachineCall {
  readonly action: typeof MACHINE_ACTIONS[number];
  readonly by: "machine" | "container";
  run(): WireAnswer;
}

/** Every request that a machine and a container answer. */
export const MACHINE_ACTIONS = [
  "PutToken",
  "ListInstanceRoles",
  "GetInstanceCredentials",
  "GetContainerCredentials",
] as const;

const ROLES = "/latest/meta-data/iam/security-credentials/";

/** The state of one machine with its container. */
export class Machine {
  spec: MachineSpec;
  readonly #world: World;
  readonly #tokens = new Map<string, number>();
  #session: Session | undefined;

  constructor(spec: MachineSpec, world: World) {
    this.spec = spec;
    this.#world = world;
  }

  /** Gives the machine another role or the like; its credentials are new ones then. */
  change(spec: MachineSpec): void {
    this.spec = { ...this.spec, ...spec };
    this.#session = undefined;
  }

  /** Ends every token of version 2. */
  endTokens(): void {
    this.#tokens.clear();
  }

  /** What a request asks for; `undefined` where its path is not one of a machine's. */
  callOf(request: WireRequest): MachineCall | undefined {
    const { target } = request;
    if (target === "/latest/api/token") {
      return { action: "PutToken", by: "machine", run: () => this.#putToken(request) };
    }
    if (target === ROLES) {
      return { action: "ListInstanceRoles", by: "machine", run: () => this.#listRoles(request) };
    }
    if (target.startsWith(ROLES)) {
      const run = () => this.#getRole(request, target.slice(ROLES.length));
      return { action: "GetInstanceCredentials", by: "machine", run };
    }
    if (target === "/container") {
      const run = () => this.#getContainer(request);
      return { action: "GetContainerCredentials", by: "container", run };
    }
    return undefined;
  }

  #putToken(request: WireRequest): WireAnswer {
    if (request.method !== "PUT") throw new Refusal(405, "MethodNotAllowed", "");
    // What came over a proxy is not the machine's own (EC2 User Guide, "Use IMDSv2").
    if (headerValues(request, "x-forwarded-for").length > 0) throw bad("X-Forwarded-For");
    if (this.spec.v2 === "none") throw new Refusal(404, "NotFound", "");
    const [ttl = ""] = headerValues(request, "x-aws-ec2-metadata-token-ttl-seconds");
    if (!/^\d{1,5}$/.test(ttl) || Number(ttl) < 1 || Number(ttl) > 21_600) throw bad("the TTL");
    const token = randomSecret();
    this.#tokens.set(token, this.#world.now() + Number(ttl) * 1000);
    return {
      ...text(token),
      headers: { "Content-Type": "text/plain", "X-Aws-Ec2-Metadata-Token-Ttl-Seconds": ttl },
    };
  }

  #authorize(request: WireRequest): void {
    if (request.method !== "GET") throw new Refusal(405, "MethodNotAllowed", "");
    if (headerValues(request, "authorization").length > 0) throw bad("a signature");
    const [token] = headerValues(request, "x-aws-ec2-metadata-token");
    if (token === undefined && this.spec.v2 !== "only") return;
    const isGood = token !== undefined && (this.#tokens.get(token) ?? 0) > this.#world.now();
    if (!isGood) throw new Refusal(401, "Unauthorized", "");
  }

  #listRoles(request: WireRequest): WireAnswer {
    this.#authorize(request);
    const { role = "machine" } = this.spec;
    if (role === "") throw new Refusal(404, "NotFound", "");
    return text(role);
  }

  #getRole(request: WireRequest, name: string): WireAnswer {
    this.#authorize(request);
    if (name !== (this.spec.role ?? "machine")) throw new Refusal(404, "NotFound", "");
    return document({ Code: "Success", Type: "AWS-HMAC", ...this.#credentials() });
  }

  #getContainer(request: WireRequest): WireAnswer {
    if (request.method !== "GET") throw new Refusal(405, "MethodNotAllowed", "");
    const given = headerValues(request, "authorization");
    const { containerToken } = this.spec;
    const isGood = containerToken === undefined
      ? given.length === 0
      : given.length === 1 && given[0] === containerToken;
    if (!isGood) throw new Refusal(401, "Unauthorized", "");
    return document({ AccountId: this.#world.account, ...this.#credentials() });
  }

  /** The same ones until they are near their end, as AWS has it. */
  #credentials() {
    const { role = "machine", seconds = 21_600 } = this.spec;
    const { account } = this.#world;
    const now = this.#world.now();
    if (this.#session === undefined || this.#session.expiresMs - now < 60_000) {
      this.#session = this.#world.createSession({
        kind: "role",
        arn: `arn:aws:sts::${account}:assumed-role/${role}/i-0123456789abcdef0`,
        userId: `${randomId("AROA", 21)}:i-0123456789abcdef0`,
        account,
        user: undefined,
        role: this.#world.assignedRole(role, account),
        mfa: false,
        transitiveTags: new Map(),
        sourceIdentity: undefined,
      }, seconds);
    }
    const { id, secret, token, expiresMs } = this.#session;
    return {
      AccessKeyId: id,
      SecretAccessKey: secret,
      Token: token,
      Expiration: new Date(expiresMs).toISOString().replace(/\.\d+/, ""),
    };
  }
}

function bad(what: string): Refusal {
  return new Refusal(400, "BadRequest", what);
}

function text(body: string): WireAnswer {
  return { status: 200, headers: { "Content-Type": "text/plain" }, body };
}

function document(value: unknown): WireAnswer {
  const headers = { "Content-Type": "application/json" };
  return { status: 200, headers, body: JSON.stringify(value) };
}
