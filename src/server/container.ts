/**
 * The container credential endpoint, which SDKs call if `AWS_CONTAINER_CREDENTIALS_FULL_URI` names
 * it (docs/formats.md, "Container credential endpoint").
 */

import { VaultError } from "../errors.ts";
import type { Clock } from "../host.ts";
import { answer, formatEnd, refuse, refuseForNow } from "./answer.ts";
import { findRefusal, type Gate, pathOf } from "./guard.ts";
import type { Current } from "./live_credentials.ts";
import { mayAssume } from "./role_patterns.ts";

/** The credentials behind a container endpoint. */
export interface ContainerSource {
  /** The credentials of the profile. */
  current(): Promise<Current>;
  /** The credentials of a role that the profile's assume; a pattern allows the role. */
  ofRole(roleArn: string): Promise<Current>;
}

/** The inputs of a container endpoint. */
export interface ContainerOptions {
  readonly gate: Gate;
  readonly source: ContainerSource;
  /** The roles that `/role-arn/ARN` allows; `*` matches any text. */
  readonly allowedRoles: readonly string[];
  readonly clock: Pick<Clock, "now">;
}

const ROLE_PATH = "/role-arn/";

/** Answers the requests of one server. */
export function containerHandler(
  options: ContainerOptions,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const refusal = findRefusal(request, options.gate);
    if (refusal !== undefined) return refusal;
    const path = pathOf(request);
    if (path === "/") {
      return renderCurrent(await options.source.current(), options.clock);
    }
    if (path.startsWith(ROLE_PATH) && !path.includes("?")) {
      return await answerRole(path.slice(ROLE_PATH.length), options);
    }
    return refuse(404, "NotFound", "There is nothing at this path; request / or /role-arn/ARN");
  };
}

async function answerRole(given: string, options: ContainerOptions): Promise<Response> {
  const roleArn = decode(given);
  if (roleArn === undefined || !mayAssume(roleArn, options.allowedRoles)) {
    const message =
      "This server does not give credentials for that role; allow it with --allow-role";
    return refuse(403, "AccessDenied", message);
  }
  return renderCurrent(await options.source.ofRole(roleArn), options.clock);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The answer with credentials, or with the reason why there are none. */
export function renderCurrent(current: Current, clock: Pick<Clock, "now">): Response {
  if (current instanceof VaultError) return refuseForNow(current);
  return answer({
    ...current.roleArn !== undefined && { RoleArn: current.roleArn },
    AccessKeyId: current.accessKeyId,
    SecretAccessKey: current.secretAccessKey.reveal(),
    Token: current.sessionToken?.reveal() ?? "",
    Expiration: formatEnd(current, clock),
    ...current.accountId !== undefined && { AccountId: current.accountId },
  });
}
