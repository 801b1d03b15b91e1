/**
 * The container credential endpoint of `serve`: `/profile/NAME`, for anyone with a grant for that
 * profile (docs/formats.md, "Grants").
 */

import { VaultError } from "../errors.ts";
import type { Clock } from "../host.ts";
import { quote } from "../text.ts";
import { refuse } from "./answer.ts";
import { renderCurrent } from "./container.ts";
import type { Grant, Grants, Standing } from "./grants.ts";
import { findForeign, pathOf, refuseMethod } from "./guard.ts";
import type { Current } from "./live_credentials.ts";

/** The inputs of the endpoint. */
export interface GrantedOptions {
  /** The host that clients must address; known once the server listens. */
  readonly gate: { readonly host: string };
  readonly grants: Pick<Grants, "find">;
  /** The credentials of a profile that a grant names, under the grant's terms. */
  readonly current: (profile: string, grant: Grant) => Promise<Current>;
  readonly clock: Pick<Clock, "now">;
}

const PROFILE_PATH = "/profile/";

/** Answers the requests of one server. */
export function grantedHandler(
  { gate, grants, current, clock }: GrantedOptions,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const foreign = findForeign(request, gate.host);
    if (foreign !== undefined) return foreign;
    const standing = grants.find(request.headers.get("authorization") ?? "");
    const refusal = findDenial(standing) ?? findOdd(request);
    if (refusal !== undefined || standing === undefined) return refusal ?? unauthorized();
    const profile = parsePath(pathOf(request));
    if (profile === undefined) {
      return refuse(404, "NotFound", "There is nothing at this path; request /profile/NAME");
    }
    if (!standing.grant.profiles.includes(profile)) {
      // The same for existing and missing profiles: a grant must not reveal other profiles' names.
      const message = `Grant ${quote(standing.grant.name)} is not for this profile`;
      return refuse(403, "AccessDenied", message);
    }
    return renderCurrent(await current(profile, standing.grant), clock);
  };
}

/** Why a token is no longer valid. */
function findDenial(standing: Standing | undefined): Response | undefined {
  if (standing === undefined) return unauthorized();
  const name = quote(standing.grant.name);
  switch (standing.state) {
    case "live":
      return undefined;
    case "ended":
      return refuse(
        403,
        "GrantEnded",
        `Grant ${name} has expired; create a new one: aws-vault grant`,
      );
    case "revoked":
      return refuse(403, "GrantRevoked", `Grant ${name} was revoked`);
  }
}

function unauthorized(): Response {
  return refuse(401, "Unauthorized", "The Authorization header does not have the token of a grant");
}

function findOdd({ method }: Request): Response | undefined {
  return method === "GET" ? undefined : refuseMethod("GET");
}

/** The profile in a path, as it was sent: any other spelling leads nowhere. */
function parsePath(path: string): string | undefined {
  if (!path.startsWith(PROFILE_PATH)) return undefined;
  const name = path.slice(PROFILE_PATH.length);
  if (name === "" || /[/?]/.test(name)) return undefined;
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

/** The URL of a profile; throws `unsupported` for a name that cannot be one segment of a URL's path. */
export function profileUri(host: string, profile: string): string {
  const step = profile.isWellFormed() ? encodeURIComponent(profile) : "";
  const uri = `http://${host}${PROFILE_PATH}${step}`;
  if (step !== "" && parsePath(new URL(uri).pathname) === profile) return uri;
  const message = `Cannot serve profile ${quote(profile)}: its name cannot be written in a URL`;
  throw new VaultError("unsupported", message);
}
