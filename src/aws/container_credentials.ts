/** A container's credential endpoint, as ECS, EKS and Greengrass have it. */

import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { HttpFailure, type HttpResponse } from "../http.ts";
import type { Secret } from "../secret.ts";
import { readMachineCredentials } from "./machine_credentials.ts";
import { NetworkError } from "./network_error.ts";

/** What is asked for, and with what right. */
export interface ContainerEndpoint {
  readonly url: string;
  /** Sent as `Authorization` as it is. */
  readonly token: Secret | undefined;
}

const WHAT = "the credentials of this container";
/** As patient as botocore (`ContainerMetadataFetcher`). */
const TIMEOUT_MS = 2000;
const ATTEMPTS = 3;

/**
 * The credentials that a container's endpoint gives. No redirect is followed, and plain http goes past
 * proxies: the token would be theirs. Throws `aws-refused` and `NetworkError`.
 */
export async function getContainerCredentials(
  { http, clock }: Pick<Host, "http" | "clock">,
  { url, token }: ContainerEndpoint,
): Promise<Credentials> {
  const headers = {
    accept: "application/json",
    ...token !== undefined && { authorization: token.reveal() },
  };
  const isDirect = url.startsWith("http:");
  const request = { method: "GET", url, headers, timeoutMs: TIMEOUT_MS, isDirect } as const;
  const { host } = new URL(url);
  for (let attempt = 1;; attempt++) {
    try {
      const answer = await http.send(request);
      if (answer.status === 200) return readMachineCredentials(WHAT, answer.body, clock.now());
      if (!isPassing(answer) || attempt === ATTEMPTS) throw refused(host, answer.status);
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      if (attempt === ATTEMPTS || error.kind === "untrusted") {
        throw NetworkError.ofFailure("container credentials", host, error, "no");
      }
    }
    await clock.sleep(1000);
  }
}

function isPassing({ status }: HttpResponse): boolean {
  return status >= 500 || status === 429;
}

function refused(host: string, status: number): VaultError {
  const isToken = status === 401 || status === 403;
  return new VaultError(
    "aws-refused",
    `Cannot get ${WHAT}: ${host} answers with status ${status}`,
    { hints: isToken ? ["The container's authorization token is not the right one"] : [] },
  );
}
