/**
 * An AWS for tests: one endpoint for STS, IAM and IAM Identity Center that verifies every request as strictly as AWS does,
 * knows users, keys, devices and roles, and misbehaves on request.
 *
 * It shares no code with the program, whose requests it judges.
 */

import type { ActionCall } from "./action.ts";
import {
  html,
  json,
  refuse,
  refuseJson,
  refuseSignin,
  renderSuccess,
  restJson,
  type Stamp,
  xml,
} from "./answers.ts";
import { type Call, renderCall } from "./calls.ts";
import { FaultScript, type FaultSpec } from "./faults.ts";
import { headerValues, type WireAnswer, type WireRequest, WireServer } from "./http.ts";
import { OIDC_ACTIONS, type SsoCall } from "./oidc.ts";
import type { MachineCall } from "./machine.ts";
import { checkParameters, parseForm } from "./parameters.ts";
import { SIGNIN_ACTIONS } from "./signin.ts";
import { ROLES_ANYWHERE_ACTIONS } from "./roles_anywhere.ts";
import { RUNNER_ACTIONS } from "./runner.ts";
import { type AssertionSpec, callerOfAssertion } from "./saml.ts";
import { PORTAL_ACTIONS } from "./sso_portal.ts";
import { denied, Refusal } from "./refusal.ts";
import type { Role } from "./roles.ts";
import { checkSessionMayCall, chooseAction, type Service, SERVICES } from "./service.ts";
import type { Caller } from "./sessions.ts";
import { type Claim, parseClaim, verifyClaim } from "./sigv4.ts";
import type { User } from "./users.ts";
import { callerOfToken, type TokenClaims } from "./web_identity.ts";
import { World, type WorldSpec } from "./world.ts";

export interface FakeAwsOptions extends WorldSpec {
  /** The regions that STS answers for; `["us-east-1"]` by default, `"any"` for all. */
  readonly stsRegions?: readonly string[] | "any";
  /** The signing region of IAM; `us-east-1` by default. */
  readonly iamRegion?: string;
  /** By how much AWS's clock is ahead of this machine's; negative: behind. */
  readonly clockOffsetMs?: number;
  readonly faults?: readonly FaultSpec[];
}

/** As botocore writes it, and as the SDK for Rust does. */
const CONTENT_TYPES: readonly string[] = [
  "application/x-www-form-urlencoded; charset=utf-8",
  "application/x-www-form-urlencoded",
];

/** What is found out about a request while it is answered. */
interface Progress {
  service: Service;
  claim: Claim | undefined;
  caller: Caller | undefined;
  action: string;
  params: Map<string, string>;
  mfaShown: boolean;
  sending: "whole" | "cut" | "nothing";
}

/** Starts a fake AWS on a free port of loopback; `await using` ends it and checks its script. */
export function startFakeAws(options: FakeAwsOptions = {}): Promise<FakeAws> {
  return Promise.resolve(new FakeAws(options));
}

/** A running fake AWS. */
export class FakeAws implements AsyncDisposable {
  readonly world: World;
  readonly faults = new FaultScript();
  /** Every call so far, the refused ones too, in the order in which they were answered. */
  readonly calls: Call[] = [];
  readonly #server: WireServer;
  readonly #options: FakeAwsOptions;

  constructor(options: FakeAwsOptions) {
    this.#options = options;
    this.world = new World(options);
    this.world.clockOffsetMs = options.clockOffsetMs ?? 0;
    for (const fault of options.faults ?? []) this.faults.add(fault);
    this.#server = new WireServer((request) => this.#answer(request));
  }

  /** The endpoint, without a slash at its end. */
  get url(): string {
    return this.#server.url;
  }

  user(name: string): User {
    return this.world.user(name);
  }

  role(name: string): Role {
    return this.world.role(name);
  }

  /** A code of the user's (first) TOTP device that was not used yet, if asked at most once a window. */
  mfaCode(userName: string, windows = 0): string {
    return this.world.user(userName).device.codeAt(this.world.now(), windows);
  }

  /** A web identity token of the provider that this AWS trusts. */
  webIdentityToken(claims: TokenClaims): string {
    return this.world.provider.issue(claims, this.world.now());
  }

  /** An assertion of the SAML provider that this AWS trusts, in base64. */
  samlAssertion(spec: AssertionSpec): string {
    return this.world.samlProvider.issue(spec, this.world.now());
  }

  /** Every secret access key and session token that was ever handed out. */
  secrets(): string[] {
    return this.world.secrets();
  }

  /** Adds an entry to the script of faults. */
  fault(spec: FaultSpec): void {
    this.faults.add(spec);
  }

  /** The calls since the last time this was asked, one line each ({@linkcode renderCall}). */
  takeCalls(): string[] {
    return this.calls.splice(0).map(renderCall);
  }

  /** Ends the server; throws when an entry of the script of faults was not used up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.faults.release();
    await this.#server[Symbol.asyncDispose]();
    const unused = this.faults.unused();
    if (unused.length > 0) throw new Error(`faults that never happened: ${unused.join(", ")}`);
  }

  async #answer(request: WireRequest): Promise<WireAnswer> {
    if (request.target === "/__control") return json(this.#control(request));
    const machineCall = this.world.machine.callOf(request);
    if (machineCall !== undefined) return await this.#answerMachine(machineCall);
    if (request.target !== "/") return await this.#answerSso(request);
    const progress: Progress = {
      service: SERVICES.sts!,
      claim: undefined,
      caller: undefined,
      action: "",
      params: new Map(),
      mfaShown: false,
      sending: "whole",
    };
    const requestId = crypto.randomUUID();
    let answer: WireAnswer;
    let error: string | undefined;
    try {
      answer = await this.#act(request, progress, requestId);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      error = refusal.code;
      answer = refuse(refusal, progress.service, this.#stamp(requestId));
    }
    const status = progress.sending === "nothing" ? 0 : answer.status;
    this.calls.push(callOf(progress, status, error));
    return { ...answer, sending: progress.sending };
  }

  async #act(request: WireRequest, progress: Progress, requestId: string): Promise<WireAnswer> {
    checkWire(request);
    const form = parseForm(request.body);
    progress.action = form.get("Action") ?? "";
    for (const [name, value] of form) {
      if (name !== "Action" && name !== "Version") progress.params.set(name, value);
    }
    progress.caller = this.#authenticate(request, progress, form);
    const action = chooseAction(progress.service, form);
    checkParameters(progress.params, action.rules);
    checkSessionMayCall(progress.service, progress.action, progress.caller);
    const fault = this.faults.take(progress.action);
    const early = fault && await this.#befall(fault, progress);
    if (early !== undefined) return early;
    const call: ActionCall = {
      world: this.world,
      caller: progress.caller,
      params: progress.params,
      nowMs: this.world.now(),
      mfaShown: false,
    };
    const result = action.run(call);
    progress.mfaShown = call.mfaShown;
    if (fault?.kind === "hang-after") await this.faults.hang();
    if (fault?.kind === "empty-body") return xml(200, "", this.#stamp(requestId));
    const body = renderSuccess(progress.service, progress.action, result, requestId);
    return xml(200, body, this.#stamp(requestId));
  }

  /** Answers for a machine's metadata service and a container's endpoint, which have no exceptions. */
  async #answerMachine({ action, by, run }: MachineCall): Promise<WireAnswer> {
    const sent = { sending: "whole" as Progress["sending"] };
    const fault = this.faults.take(action);
    let answer: WireAnswer;
    try {
      if (fault?.kind === "throttle") throw new Refusal(429, "Throttling", "Rate exceeded");
      if (fault?.kind === "deny") throw new Refusal(403, "Forbidden", "");
      answer = (fault && await this.#befall(fault, sent)) ?? run();
      if (fault?.kind === "hang-after") await this.faults.hang();
      if (fault?.kind === "empty-body") answer = { ...answer, body: "" };
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      const headers = { "Content-Type": "text/plain" };
      answer = { status: refusal.status, headers, body: refusal.message };
    }
    this.calls.push({
      service: by,
      action,
      params: {},
      accessKeyId: "",
      principal: by,
      region: "",
      durationSeconds: undefined,
      mfa: false,
      subject: "",
      status: sent.sending === "nothing" ? 0 : answer.status,
    });
    return { ...answer, sending: sent.sending };
  }

  /** Answers for IAM Identity Center: its OIDC service, its portal, and the pages of both. */
  async #answerSso(request: WireRequest): Promise<WireAnswer> {
    const url = new URL(request.target, this.url);
    const path = `${request.method} ${url.pathname}`;
    const oidc = OIDC_ACTIONS[path];
    const signin = SIGNIN_ACTIONS[path];
    const anywhere = ROLES_ANYWHERE_ACTIONS[path];
    const portal = PORTAL_ACTIONS[path];
    const [action, run] = oidc ?? signin ?? anywhere ?? portal ?? RUNNER_ACTIONS[path] ??
      [path, notHere];
    const note = { subject: "", by: "" };
    const nowMs = this.world.now();
    const center = this.world.identityCenter;
    const call: SsoCall = { center, request, url, nowMs, origin: this.url, note };
    const stamp = this.#stamp(crypto.randomUUID());
    const sent = { sending: "whole" as Progress["sending"] };
    let error: string | undefined;
    let answer: WireAnswer;
    try {
      const fault = this.faults.take(action);
      const early = fault &&
        await this.#befallSso(
          fault,
          sent,
          oidc ? "oidc" : signin ? "signin" : anywhere ? "anywhere" : "portal",
        );
      if (early !== undefined) answer = early;
      else {
        const result = await run(call, this.world);
        if (fault?.kind === "hang-after") await this.faults.hang();
        if ("location" in result) answer = redirect(result.location);
        else if ("page" in result) answer = html(200, result.page);
        else {
          const value = fault?.kind === "empty-body" ? undefined : result.json;
          answer = restJson(result.status ?? 200, value, stamp);
        }
      }
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      error = refusal.code;
      answer = signin === undefined
        ? refuseJson(refusal, oidc !== undefined, stamp)
        : refuseSignin(refusal, stamp);
    }
    this.calls.push({
      service: anywhere
        ? "rolesanywhere"
        : signin
        ? "signin"
        : oidc === undefined
        ? "sso"
        : "sso-oidc",
      action,
      params: {},
      accessKeyId: "",
      principal: note.by,
      region: "",
      durationSeconds: undefined,
      mfa: false,
      subject: note.subject,
      status: sent.sending === "nothing"
        ? 0
        : [201, 302].includes(answer.status)
        ? 200
        : answer.status,
      ...error === undefined ? {} : { error },
    });
    return { ...answer, sending: sent.sending };
  }

  /** A throttle and a failure have other names here than in STS; the rest is the same. */
  async #befallSso(
    fault: FaultSpec,
    sent: Pick<Progress, "sending">,
    service: keyof typeof DENIALS,
  ): Promise<WireAnswer | undefined> {
    if (fault.kind === "throttle") {
      throw new Refusal(429, "TooManyRequestsException", "HTTP 429 Unknown Code");
    }
    if (fault.kind === "slow-down") {
      throw service !== "oidc"
        ? new Refusal(503, "ServiceUnavailableException", "Please try again")
        : new Refusal(400, "SlowDownException", "Slow down");
    }
    if (fault.kind === "internal") {
      throw new Refusal(500, "InternalServerException", "Unexpected failure");
    }
    if (fault.kind === "deny") {
      const [status, code, message] = DENIALS[service];
      throw new Refusal(status, code, message);
    }
    if (fault.kind === "known-key") throw new Error("known-key is a fault of CreateAccessKey");
    return await this.#befall(fault, sent);
  }

  /** Verifies the signature, and gives who signed; the region and service must be this endpoint's. */
  #authenticate(
    request: WireRequest,
    progress: Progress,
    form: ReadonlyMap<string, string>,
  ): Caller {
    const isUnsigned = SERVICES.sts!.actions[progress.action]?.isUnsigned === true;
    if (isUnsigned && headerValues(request, "authorization").length === 0) {
      const assertion = form.get("SAMLAssertion");
      return assertion === undefined
        ? callerOfToken(form.get("WebIdentityToken"))
        : callerOfAssertion(assertion);
    }
    const claim = parseClaim(request);
    progress.claim = claim;
    progress.service = SERVICES[claim.service] ?? progress.service;
    this.#checkScope(claim);
    const { secret, caller } = this.world.credentialsOf(claim.accessKeyId, claim.sessionToken);
    verifyClaim(request, claim, secret, this.world.now());
    if (caller.key !== undefined) {
      const { service, region } = claim;
      caller.key.lastUsed = { atMs: this.world.now(), service, region };
    }
    return caller;
  }

  #checkScope(claim: Claim): void {
    const service = SERVICES[claim.service];
    if (service === undefined) {
      throw new Refusal(
        403,
        "SignatureDoesNotMatch",
        "Credential should be scoped to correct service: 'sts'. ",
      );
    }
    const regions = service.name === "iam"
      ? [this.#options.iamRegion ?? "us-east-1"]
      : this.#options.stsRegions ?? ["us-east-1"];
    if (regions === "any" || regions.includes(claim.region)) return;
    throw new Refusal(
      403,
      "SignatureDoesNotMatch",
      `Credential should be scoped to a valid region, not '${claim.region}'. `,
    );
  }

  /** Lets a fault happen: an answer of its own, a refusal, or a way in which the true answer is sent. */
  async #befall(
    fault: FaultSpec,
    progress: Pick<Progress, "sending"> & Partial<Progress>,
  ): Promise<WireAnswer | undefined> {
    switch (fault.kind) {
      case "throttle":
        throw new Refusal(400, "Throttling", "Rate exceeded");
      case "slow-down":
        throw new Refusal(503, "SlowDown", "Please reduce your request rate.");
      case "internal":
        throw new Refusal(
          500,
          "InternalFailure",
          "The request processing has failed because of an unknown error, exception or failure.",
        );
      case "deny":
        throw denied(
          fault.message ??
            `User: ${progress.caller!.arn} is not authorized to perform: ${
              progress.service!.name
            }:${progress.action} with an explicit deny`,
        );
      case "refuse":
        throw new Refusal(fault.status ?? 400, fault.code ?? "Refused", fault.message ?? "");
      case "known-key": {
        const key = progress.caller!.user!.keys[0]!;
        const AccessKey = {
          UserName: "u",
          AccessKeyId: key.id,
          Status: "Active",
          SecretAccessKey: "x",
        };
        const body = renderSuccess(
          progress.service!,
          progress.action!,
          { AccessKey },
          "known-key",
        );
        return xml(200, body, this.#stamp("known-key"));
      }
      case "html-500":
        return html(500, "Internal Server Error");
      case "html-200":
        return html(200, "Welcome to the hotel");
      case "close":
        progress.sending = "nothing";
        return html(500, "not sent");
      case "lose-answer":
        progress.sending = "nothing";
        return undefined;
      case "cut-body":
        progress.sending = "cut";
        return undefined;
      case "empty-body":
        return undefined;
      case "hang":
        await this.faults.hang();
        return undefined;
      case "hang-instead":
        await this.faults.hang();
        progress.sending = "nothing";
        return html(500, "not sent");
      case "hang-after":
        return undefined;
      case "delay":
        await new Promise((resolve) => setTimeout(resolve, fault.ms ?? 100));
        return undefined;
    }
  }

  /** What every answer of AWS carries. */
  #stamp(requestId: string): Stamp {
    return { requestId, nowMs: this.world.now() };
  }

  /**
   * The control endpoint, `POST /__control` with JSON, all members optional: `{"fault": {…}}` adds to
   * the script, `{"release": true}`, `{"settle": true}`, `{"clearFaults": true}`,
   * `{"clockOffsetMs": 1}`, `{"take": true}` (forgets the calls after giving them). It answers with
   * the calls, the unused faults and the keys of every user, without their secrets.
   */
  #control(request: WireRequest): unknown {
    const text = new TextDecoder().decode(request.body);
    const order = JSON.parse(text || "{}") as Record<string, unknown>;
    if (order.fault !== undefined) this.fault(order.fault as FaultSpec);
    if (order.clearFaults === true) this.faults.clear();
    if (order.release === true) this.faults.release();
    if (order.settle === true) this.world.settle();
    if (typeof order.clockOffsetMs === "number") this.world.clockOffsetMs = order.clockOffsetMs;
    const calls = order.take === true ? this.calls.splice(0) : [...this.calls];
    return {
      calls,
      lines: calls.map(renderCall),
      unusedFaults: this.faults.unused(),
      keys: this.world.users.flatMap(({ name, keys }) =>
        keys.map(({ id, status }) => ({ user: name, id, status }))
      ),
    };
  }
}

/** How the services that speak JSON deny: status, code and message. */
const DENIALS = {
  oidc: [400, "AccessDeniedException", "Access denied"],
  signin: [403, "AccessDeniedException", "INSUFFICIENT_PERMISSIONS"],
  anywhere: [403, "AccessDeniedException", "Not authorized"],
  portal: [403, "ForbiddenException", "No access"],
} as const satisfies Record<string, readonly [number, string, string]>;

function notHere({ request }: SsoCall): never {
  throw new Refusal(404, "UnknownOperationException", `Cannot ${request.method} here`);
}

/** Where a page sends the person's browser. */
function redirect(location: string): WireAnswer {
  return { status: 302, headers: { Location: location }, body: "" };
}

/** What AWS's front checks before it looks at the signature. */
function checkWire(request: WireRequest): void {
  if (request.method !== "POST" || request.target !== "/") {
    throw new Refusal(404, "UnknownOperationException", `Cannot ${request.method} here`);
  }
  const types = headerValues(request, "content-type");
  if (types.length !== 1 || !CONTENT_TYPES.includes(types[0]!)) {
    throw new Refusal(400, "MalformedInput", `Unexpected Content-Type: ${types.join(", ")}`);
  }
}

function callOf(progress: Progress, status: number, error: string | undefined): Call {
  const { service, action, params, claim, caller, mfaShown } = progress;
  const defaultSeconds = service.actions[action]?.defaultSeconds;
  const shown = [...params].map((
    [name, value],
  ) => [name, name === "TokenCode" ? "[code]" : name === "WebIdentityToken" ? "[token]" : value]);
  return {
    service: service.name,
    action,
    params: Object.fromEntries(shown),
    accessKeyId: claim?.accessKeyId ?? "",
    principal: caller?.arn ?? "",
    region: claim?.region ?? "",
    durationSeconds: defaultSeconds && Number(params.get("DurationSeconds") ?? defaultSeconds),
    mfa: mfaShown,
    status,
    ...(error === undefined ? {} : { error }),
  };
}
