/** A company's own address of its access portal, and the AWS address to which it redirects. */

import { VaultError } from "../errors.ts";
import type { HttpResponse } from "../http.ts";
import { type AwsDeps, sendCall } from "../aws/send.ts";
import { quote } from "../text.ts";
import type { SsoLogin, SsoPlace } from "./login.ts";

/** Domains of AWS's own portals, as in the AWS CLI (`customizations/sso/resolve.py`). */
const AWS_DOMAINS = [
  "app.aws",
  "portal.amazonaws.com",
  "portal.amazonaws.com.cn",
  "awsapps.com",
  "awsapps.cn",
];
const AWS_HOSTS = ["identitycenter.amazonaws.com", "identitycenter.amazonaws.com.cn"];

/** The position of the region in the names of AWS's portals. */
const REGIONS = [
  /^[^.]+\.portal\.([a-z0-9-]+)\.app\.aws$/,
  /^[^.]+\.([a-z0-9-]+)\.portal\.amazonaws\.com(?:\.cn)?$/,
];

/** Whether a host is an AWS portal. */
function isAwsPortal(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, "");
  return AWS_HOSTS.includes(host) ||
    AWS_DOMAINS.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

/** The region in the name of an AWS portal, if it has one. */
function findRegion(hostname: string): string | undefined {
  const host = hostname.toLowerCase().replace(/\.$/, "");
  return REGIONS.map((form) => form.exec(host)?.[1]).find((region) => region !== undefined);
}

/**
 * Where to sign in: the start URL itself if it is AWS's, else the AWS address of its one redirect.
 *
 * Only AWS's addresses are accepted: the person types the password there, and anyone who can answer for a
 * company's name could otherwise choose the page. Throws `bad-config` and `NetworkError`.
 */
export async function resolveStartUrl(
  host: AwsDeps,
  login: SsoLogin,
): Promise<SsoPlace> {
  const { startUrl, region } = login.session;
  const hostname = new URL(startUrl).hostname;
  if (isAwsPortal(hostname)) return place(login, startUrl, region ?? findRegion(hostname));
  const response = await ask(host, login, "HEAD");
  const answer = [405, 501].includes(response.status) ? await ask(host, login, "GET") : response;
  const goal = redirectOf(startUrl, answer);
  if (goal === undefined || goal.protocol !== "https:" || !isAwsPortal(goal.hostname)) {
    throw new VaultError(
      "bad-config",
      `Cannot sign in at ${quote(startUrl)}: it does not lead to an AWS access portal`,
      { hints: ["Set sso_start_url to the address of the access portal"] },
    );
  }
  const path = goal.pathname.replace(/\/+$/, "");
  return place(login, goal.origin + path, findRegion(goal.hostname) ?? region);
}

function place(login: SsoLogin, startUrl: string, region: string | undefined): SsoPlace {
  if (region !== undefined) return { startUrl, region };
  throw new VaultError(
    "bad-config",
    `Cannot sign in at ${quote(login.session.startUrl)}: its region is not known`,
    { hints: ["Set sso_region to the region that Identity Center is in"] },
  );
}

/** The answer of the address; a missing answer or a failure of its server is retried. */
async function ask(
  deps: AwsDeps,
  { session, caCertificates }: SsoLogin,
  method: "HEAD" | "GET",
): Promise<HttpResponse> {
  return await sendCall(deps, {
    action: "the address of the access portal",
    request: { method, url: session.startUrl, headers: {} },
    caCertificates,
    retry: "always",
    interpret(response) {
      const isPassing = response.status === 429 ||
        response.status >= 500 && response.status !== 501;
      return Promise.resolve(
        isPassing
          ? { kind: "unreadable", reason: "no redirect to an access portal" }
          : { kind: "done", value: response },
      );
    },
  });
}

function redirectOf(from: string, { status, headers }: HttpResponse): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  return URL.parse(headers["location"] ?? "", from) ?? undefined;
}
