/** The two services of the endpoint, and who may call what. */

import type { Action } from "./action.ts";
import { IAM_ACTIONS } from "./iam.ts";
import { denied, Refusal, unknownToken } from "./refusal.ts";
import type { Caller } from "./sessions.ts";
import { STS_ACTIONS } from "./sts.ts";

/** A service by the name in the credential scope. */
export interface Service {
  readonly name: "sts" | "iam";
  readonly version: string;
  readonly actions: Readonly<Record<string, Action>>;
}

export const SERVICES: Readonly<Record<string, Service>> = {
  sts: { name: "sts", version: "2011-06-15", actions: STS_ACTIONS },
  iam: { name: "iam", version: "2010-05-08", actions: IAM_ACTIONS },
};

/** The action that a request names; its version must be the service's. */
export function chooseAction(service: Service, form: ReadonlyMap<string, string>): Action {
  const [name, version] = [form.get("Action"), form.get("Version")];
  if (name === undefined) {
    throw new Refusal(400, "MissingAction", "The request is missing an action");
  }
  const action = service.actions[name];
  if (action === undefined || version !== service.version) {
    throw new Refusal(
      400,
      "InvalidAction",
      `Could not find operation ${name} for version ${version ?? "NO_VERSION_SPECIFIED"}`,
    );
  }
  return action;
}

/** A user's session without MFA cannot call IAM, and of STS only two actions. */
export function checkSessionMayCall(service: Service, action: string, caller: Caller): void {
  const session = caller.session;
  if (
    service.name === "iam" && session !== undefined &&
    ["session", "federation"].includes(session.kind) && !session.mfa
  ) {
    throw unknownToken();
  }
  // GetCallerIdentity needs no permission, and no policy can deny it (STS API).
  const isFree = service.name === "sts" && action === "GetCallerIdentity";
  if (!isFree && session?.policies?.allows(`${service.name}:${action}`) === false) {
    throw denied(
      `User: ${caller.arn} is not authorized to perform: ${service.name}:${action} because no session ` +
        `policy allows the ${service.name}:${action} action`,
    );
  }
  if (session?.kind === "root" && !isFree) {
    throw denied(`User: ${caller.arn} is not authorized to perform: ${service.name}:${action}`);
  }
  const ofUser = session?.kind === "session" || session?.kind === "federation";
  if (service.name === "sts" && ofUser && !["AssumeRole", "GetCallerIdentity"].includes(action)) {
    throw denied(`Cannot call ${action} with session credentials`);
  }
}
