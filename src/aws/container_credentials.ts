/** A container's credential endpoint, as ECS, EKS and Greengrass have it. */

import type { Credentials } from "../credentials.ts";
import type { Host } from "../host.ts";
import type { Secret } from "../secret.ts";
import { askMachine, refusal } from "./ask_machine.ts";
import { readMachineCredentials } from "./machine_credentials.ts";
import { NetworkError } from "./network_error.ts";

/** The address of the endpoint and the token that authorizes the request. */
export interface ContainerEndpoint {
  readonly url: string;
  /** Sent unchanged as `Authorization`. */
  readonly token: Secret | undefined;
}

const WHAT = "the credentials of this container";
/** The same timeout as botocore (`ContainerMetadataFetcher`). */
const TIMEOUT_MS = 2000;
const ATTEMPTS = 3;

/**
 * Gets the credentials from a container's endpoint. Follows no redirect, and plain http bypasses proxies:
 * either would receive the token. Throws `aws-refused` and `NetworkError`.
 */
export async function getContainerCredentials(
  deps: Pick<Host, "http" | "clock">,
  { url, token }: ContainerEndpoint,
): Promise<Credentials> {
  const headers = {
    accept: "application/json",
    ...token !== undefined && { authorization: token.reveal() },
  };
  const isDirect = url.startsWith("http:");
  const request = { method: "GET", url, headers, timeoutMs: TIMEOUT_MS, isDirect } as const;
  const { host } = new URL(url);
  return await askMachine(deps, {
    request,
    attempts: ATTEMPTS,
    what: WHAT,
    whenOdd: `Check that ${host} is the container's endpoint: something else answers there`,
    hintsAt,
    unreachable: (failure) => NetworkError.ofFailure("container credentials", host, failure, "no"),
    read(answer) {
      if (answer.status !== 200) throw refusal({ request, what: WHAT, hintsAt }, answer.status);
      return readMachineCredentials(WHAT, answer.body, deps.clock.now());
    },
  });
}

function hintsAt(status: number): readonly string[] {
  const isToken = status === 401 || status === 403;
  return isToken ? ["The container's authorization token is not accepted"] : [];
}
