/** The runner of GitHub Actions, which gives a job its identity token (GitHub: "OpenID Connect reference"). */

import { headerValues } from "./http.ts";
import type { SsoCall, SsoResult } from "./oidc.ts";
import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

type Handler = (call: SsoCall, world: World) => SsoResult;

/** What a job shows to its runner. */
export const RUNNER_BEARER = "the-runners-own-token";

export const RUNNER_ACTIONS: Readonly<Record<string, readonly [string, Handler]>> = {
  "GET /runner/token": ["GetIdToken", getIdToken],
};

/** A token of the job `repo:a`, for the audience that is asked for. */
function getIdToken({ request, url, nowMs, note }: SsoCall, world: World): SsoResult {
  const [given] = headerValues(request, "authorization");
  if (given !== `Bearer ${RUNNER_BEARER}`) throw new Refusal(401, "Unauthorized", "Unauthorized");
  const aud = url.searchParams.get("audience") ?? "";
  note.by = "client";
  return { json: { count: 1, value: world.provider.issue({ sub: "repo:a", aud }, nowMs) } };
}
