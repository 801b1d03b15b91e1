/** The instance metadata service of EC2: the credentials of the role that a machine has. */

import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { HttpFailure, type HttpResponse } from "../http.ts";
import { quote } from "../text.ts";
import { readMachineCredentials } from "./machine_credentials.ts";
import { NetworkError } from "./network_error.ts";

/** Where the service is and how it is asked; see `src/config/metadata_settings.ts`. */
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
 * The credentials of the machine's role: by version 2 of the service, with a token of its own, and by
 * version 1 where the service does not give tokens (botocore, `InstanceMetadataFetcher`).
 *
 * Version 2 answers to attacks on other programs of the machine that can be led to send a GET
 * (Amazon EC2 User Guide, "Use IMDSv2"). No redirect is followed and no proxy used: the token and the
 * credentials are for this machine alone. Throws `no-credentials` where there is no role, and
 * `NetworkError` where nothing answers.
 */
export async function getInstanceCredentials(
  deps: Deps,
  service: MetadataService,
): Promise<Credentials> {
  const session = new MetadataSession(deps, service);
  const role = service.roleName ?? readRoleName(await session.get(ROLES), service);
  const answer = await session.get(ROLES + encodeURIComponent(role));
  if (answer.status !== 200) throw refused(service, answer.status);
  return readMachineCredentials(WHAT, answer.body, deps.clock.now());
}

class MetadataSession {
  readonly #deps: Deps;
  readonly #service: MetadataService;
  #token: Promise<string | undefined> | undefined;

  constructor(deps: Deps, service: MetadataService) {
    this.#deps = deps;
    this.#service = service;
  }

  async get(path: string): Promise<HttpResponse> {
    const answer = await this.#getOnce(path);
    if (answer.status !== 401) return answer;
    // The token has ended, or the machine was moved.
    this.#token = undefined;
    return await this.#getOnce(path);
  }

  async #getOnce(path: string): Promise<HttpResponse> {
    const token = await (this.#token ??= this.#fetchToken());
    const headers = token === undefined ? {} : { "x-aws-ec2-metadata-token": token };
    return await this.#send("GET", path, headers);
  }

  /** `undefined`: version 1. */
  async #fetchToken(): Promise<string | undefined> {
    const headers = { "x-aws-ec2-metadata-token-ttl-seconds": `${TOKEN_SECONDS}` };
    const answer = await this.#send("PUT", "/latest/api/token", headers).catch((error) => {
      // In a container the answer may be lost on its last hop.
      if (error instanceof NetworkError && isTimeout(error)) return undefined;
      throw error;
    });
    if (answer?.status === 200 && /^[\x21-\x7e]+$/.test(answer.body)) return answer.body;
    const hasOnlyV1 = answer === undefined || [403, 404, 405].includes(answer.status);
    if (!hasOnlyV1) throw refused(this.#service, answer.status);
    if (!this.#service.isV1Disabled) return undefined;
    throw new VaultError(
      "no-credentials",
      `Cannot get ${WHAT}: ${this.#service.endpoint} gives no token, and version 1 is disabled`,
      { hints: ["Unset AWS_EC2_METADATA_V1_DISABLED, or raise the hop limit of the instance"] },
    );
  }

  async #send(
    method: "GET" | "PUT",
    path: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<HttpResponse> {
    const { endpoint, timeoutMs, attempts } = this.#service;
    const request = { method, url: endpoint + path, headers, timeoutMs, isDirect: true };
    for (let attempt = 1;; attempt++) {
      try {
        const answer = await this.#deps.http.send(request);
        if (answer.status < 500 || attempt === attempts) return answer;
      } catch (error) {
        if (!(error instanceof HttpFailure)) throw error;
        if (attempt === attempts) throw unreachable(endpoint, error);
      }
      await this.#deps.clock.sleep(1000);
    }
  }
}

function isTimeout({ cause }: NetworkError): boolean {
  return cause instanceof HttpFailure && (cause.kind === "timeout" || cause.kind === "unanswered");
}

/** A name of another form would be another path. */
function readRoleName({ status, body }: HttpResponse, service: MetadataService): string {
  const name = body.trim();
  if (status === 404 || status === 200 && name === "") {
    throw new VaultError("no-credentials", `Cannot get ${WHAT}: no role is attached to it`, {
      hints: ["Attach an instance profile to the instance"],
    });
  }
  if (status !== 200) throw refused(service, status);
  if (/^[\w+=,.@-]{1,128}$/.test(name)) return name;
  throw new NetworkError(
    `Cannot read the answer of ${service.endpoint}: it is not the name of a role`,
    true,
  );
}

function refused({ endpoint }: MetadataService, status: number): VaultError {
  const message = `Cannot get ${WHAT}: ${endpoint} answers with status ${status}`;
  return new VaultError("aws-refused", message, {
    hints: status === 403 ? ["The metadata service is switched off for this instance"] : [],
  });
}

function unreachable(endpoint: string, failure: HttpFailure): NetworkError {
  return new NetworkError(
    `Cannot get ${WHAT}: the metadata service at ${endpoint} does not answer`,
    failure.kind !== "unsent",
    {
      hints: [
        "credential_source = Ec2InstanceMetadata is for instances of EC2; " +
        `AWS_EC2_METADATA_SERVICE_ENDPOINT names another address than ${quote(endpoint)}`,
      ],
      cause: failure,
    },
  );
}
