/** The instance metadata service of EC2: the credentials of the instance's role. */

import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { HttpFailure, type HttpRequest, type HttpResponse } from "../http.ts";
import { quote } from "../text.ts";
import { askMachine, refusal } from "./ask_machine.ts";
import { readMachineCredentials } from "./machine_credentials.ts";
import { NetworkError } from "./network_error.ts";

/** The address of the service and how to call it; see `src/config/metadata_settings.ts`. */
export interface MetadataService {
  readonly endpoint: string;
  readonly isV1Disabled: boolean;
  readonly roleName?: string;
  readonly timeoutMs: number;
  readonly attempts: number;
}

type Deps = Pick<Host, "http" | "clock">;

const TOKEN_SECONDS = 21_600;
const ROLES = "/latest/meta-data/iam/security-credentials/";
const WHAT = "the credentials of this machine";

/**
 * Gets the credentials of the instance's role: with IMDSv2 and its session token, or with IMDSv1 if the
 * service does not give tokens (botocore, `InstanceMetadataFetcher`).
 *
 * IMDSv2 prevents attacks that trick other programs on the machine into sending a GET (Amazon EC2
 * User Guide, "Use IMDSv2"). Follows no redirect and uses no proxy: the token and the credentials
 * are for this machine alone. Throws `no-credentials` if the instance has no role, and
 * `NetworkError` if nothing answers.
 */
export async function getInstanceCredentials(
  deps: Deps,
  service: MetadataService,
): Promise<Credentials> {
  const session = new MetadataSession(deps, service);
  const role = service.roleName ?? await session.get(ROLES, readRoleName);
  return await session.get(
    ROLES + encodeURIComponent(role),
    ({ body }) => readMachineCredentials(WHAT, body, deps.clock.now()),
  );
}

class MetadataSession {
  readonly #deps: Deps;
  readonly #service: MetadataService;
  #token: Promise<string | undefined> | undefined;

  constructor(deps: Deps, service: MetadataService) {
    this.#deps = deps;
    this.#service = service;
  }

  async get<T>(path: string, read: (answer: HttpResponse) => T): Promise<T> {
    const answer = await this.#getOnce(path, read);
    if (answer !== ENDED) return answer;
    // The token has expired, or the machine was moved.
    this.#token = undefined;
    const again = await this.#getOnce(path, read);
    if (again !== ENDED) return again;
    throw refusal({ request: this.#request("GET", path, {}), what: WHAT, hintsAt }, 401);
  }

  async #getOnce<T>(path: string, read: (answer: HttpResponse) => T): Promise<T | typeof ENDED> {
    const token = await (this.#token ??= this.#fetchToken());
    const headers = token === undefined ? {} : { "x-aws-ec2-metadata-token": token };
    const request = this.#request("GET", path, headers);
    return await this.#ask(request, (answer) => {
      if (answer.status === 401) return ENDED;
      if (answer.status === 404 && path === ROLES) throw noRole();
      if (answer.status !== 200) throw refusal({ request, what: WHAT, hintsAt }, answer.status);
      return read(answer);
    });
  }

  /** `undefined`: use IMDSv1. */
  async #fetchToken(): Promise<string | undefined> {
    const headers = { "x-aws-ec2-metadata-token-ttl-seconds": `${TOKEN_SECONDS}` };
    const request = this.#request("PUT", "/latest/api/token", headers);
    const token = await this.#ask(request, (answer) => {
      if (answer.status === 200) return readToken(this.#service, answer);
      if ([403, 404, 405].includes(answer.status)) return undefined;
      throw refusal({ request, what: WHAT, hintsAt }, answer.status);
    }).catch((error) => {
      // From inside a container the answer may be lost on its last hop.
      if (error instanceof NetworkError && isTimeout(error)) return undefined;
      throw error;
    });
    if (token !== undefined || !this.#service.isV1Disabled) return token;
    throw new VaultError(
      "no-credentials",
      `Cannot get ${WHAT}: ${this.#service.endpoint} gave no token, and version 1 is disabled`,
      { hints: ["Unset AWS_EC2_METADATA_V1_DISABLED, or raise the hop limit of the instance"] },
    );
  }

  #request(method: "GET" | "PUT", path: string, headers: HttpRequest["headers"]): HttpRequest {
    const { endpoint, timeoutMs } = this.#service;
    return { method, url: endpoint + path, headers, timeoutMs, isDirect: true };
  }

  async #ask<T>(
    request: HttpRequest,
    read: (answer: HttpResponse) => T,
  ): Promise<T> {
    const { endpoint, attempts } = this.#service;
    return await askMachine(this.#deps, {
      request,
      attempts,
      what: WHAT,
      whenOdd: `Check that ${endpoint} is the metadata service: something else answers there`,
      hintsAt,
      unreachable: (failure) => unreachable(endpoint, failure),
      read,
    });
  }
}

/** The request needs a new token. */
const ENDED = Symbol("the token has expired");

function isTimeout({ cause }: NetworkError): boolean {
  return cause instanceof HttpFailure && (cause.kind === "timeout" || cause.kind === "unanswered");
}

/** Anything other than a token would let the server choose a header's content. */
function readToken({ endpoint }: MetadataService, { body }: HttpResponse): string {
  if (/^[\x21-\x7e]+$/.test(body)) return body;
  throw new NetworkError(`Cannot read the answer of ${endpoint}: it is not a token`, true);
}

/** A name in another form, or a path segment `.` or `..`, would lead to another path. */
function readRoleName({ body }: HttpResponse): string {
  const name = body.trim();
  if (/^(?!\.{1,2}$)[\w+=,.@-]{1,128}$/.test(name)) return name;
  throw new NetworkError(`Cannot get ${WHAT}: the answer is not a role name`, true);
}

function noRole(): VaultError {
  return new VaultError("no-credentials", `Cannot get ${WHAT}: no role is attached to it`, {
    hints: ["Attach an instance profile to the instance"],
  });
}

function hintsAt(status: number): readonly string[] {
  switch (status) {
    case 401:
      return ["The service gave no token here: in a container, raise the instance's hop limit"];
    case 404:
      return [
        "It has no such role: check ec2_instance_profile_name, AWS_EC2_INSTANCE_PROFILE_NAME",
      ];
    case 403:
      return ["The metadata service is turned off for this instance"];
    default:
      return [];
  }
}

function unreachable(endpoint: string, failure: HttpFailure): NetworkError {
  // Something does answer; report what it sends.
  if (failure.kind === "cut") {
    return NetworkError.ofFailure(WHAT, new URL(endpoint).host, failure, "no");
  }
  return new NetworkError(
    `Cannot get ${WHAT}: the metadata service at ${endpoint} does not answer`,
    failure.kind !== "unsent",
    {
      hints: [
        "credential_source = Ec2InstanceMetadata works on EC2 instances only; " +
        `AWS_EC2_METADATA_SERVICE_ENDPOINT can name an address other than ${quote(endpoint)}`,
      ],
      cause: failure,
    },
  );
}
