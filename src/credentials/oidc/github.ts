import { type AwsCall, sendCall } from "../../aws/send.ts";
import { VaultError } from "../../errors.ts";
import { isLoopback } from "../../loopback.ts";
import type { Secret } from "../../secret.ts";
import type { TalkingHost } from "../../talk.ts";
import { parseToken } from "../token_claims.ts";

const URL_VARIABLE = "ACTIONS_ID_TOKEN_REQUEST_URL";
const TOKEN_VARIABLE = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/**
 * Requests the job's identity token from the runner of GitHub Actions (GitHub: "OpenID Connect reference").
 *
 * Throws `no-credentials` outside a job that may have one. The bearer token goes to the runner's URL by https
 * only: otherwise anyone who can change one variable could have the other sent to themselves.
 */
export async function requestGithubToken(host: TalkingHost, audience: string): Promise<Secret> {
  const url = requestUrl(host.env.get(URL_VARIABLE), audience);
  const bearer = host.env.get(TOKEN_VARIABLE);
  if (url === undefined || !bearer) throw notAllowed();
  return await sendCall(host, tokenCall(url, bearer));
}

function requestUrl(text: string | undefined, audience: string): URL | undefined {
  if (!text) return undefined;
  const url = URL.parse(text) ?? undefined;
  const isSafe = url?.protocol === "https:" ||
    url?.protocol === "http:" && isLoopback(url.hostname);
  if (url === undefined || !isSafe) {
    throw new VaultError("bad-usage", `Cannot understand ${URL_VARIABLE}: it is not an https URL`);
  }
  url.searchParams.append("audience", audience);
  return url;
}

function notAllowed(): VaultError {
  return new VaultError(
    "no-credentials",
    `Cannot get a token of GitHub Actions: ${URL_VARIABLE} and ${TOKEN_VARIABLE} are not set`,
    { hints: ["Add to the job: permissions: {id-token: write, contents: read}"] },
  );
}

function tokenCall(url: URL, bearer: string): AwsCall<Secret> {
  return {
    action: "the identity token of the job",
    request: {
      method: "GET",
      url: url.href,
      headers: { authorization: `Bearer ${bearer}`, accept: "application/json" },
    },
    retry: "always",
    server: "the runner",
    interpret({ status, body }) {
      if (status >= 400 && status < 500 && status !== 429) throw refusedByRunner(status);
      const value = status === 200 ? readValue(body) : undefined;
      return Promise.resolve(
        value === undefined
          ? { kind: "unreadable", reason: "there is no token in it" }
          : { kind: "done", value: parseToken(value, "the runner's answer") },
      );
    },
  };
}

/** The runner's answer is final: a retry gives the same. */
function refusedByRunner(status: number): VaultError {
  return new VaultError(
    "no-credentials",
    `Cannot get a token of GitHub Actions: the runner refuses it with status ${status}`,
    {
      hints: [
        "Check that the job has permissions: {id-token: write, contents: read}, " +
        `and that it is still running: ${TOKEN_VARIABLE} is only valid until the job ends`,
      ],
    },
  );
}

function readValue(body: string): string | undefined {
  try {
    const { value } = JSON.parse(body);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
