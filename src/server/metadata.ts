/**
 * The EC2 instance metadata service, version 2: the part that SDKs use for credentials and the
 * region (docs/formats.md, "Instance metadata service").
 */

import { VaultError } from "../errors.ts";
import type { Clock, Random } from "../host.ts";
import { answer, answerText, refuse, refuseForNow } from "./answer.ts";
import { findForeign, pathOf, refuseMethod } from "./guard.ts";
import type { Current } from "./live_credentials.ts";
import { type Content, findResource } from "./metadata_paths.ts";
import { LONGEST_TTL_SECONDS, MetadataTokens } from "./metadata_tokens.ts";

/** The inputs of a metadata service. */
export interface MetadataOptions {
  /** The valid `Host` headers of requests: `127.0.0.1:40123`, or `169.254.169.254`. */
  readonly hosts: readonly string[];
  readonly current: () => Promise<Current>;
  readonly region: string | undefined;
  /** Whether requests without a token are answered, as in version 1. */
  readonly allowsV1: boolean;
  readonly clock: Clock;
  readonly random: Random;
}

const TOKEN_PATH = "/latest/api/token";
const TOKEN = "x-aws-ec2-metadata-token";
const TTL = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds";

/** Answers the requests of one server. */
export function metadataHandler(options: MetadataOptions): (request: Request) => Promise<Response> {
  const tokens = new MetadataTokens(options);
  return async (request) => {
    const foreign = findForeign(request, ...options.hosts);
    if (foreign !== undefined) return foreign;
    const path = plainPathOf(request);
    if (path === TOKEN_PATH) return handleToken(request, tokens);
    if (request.method !== "GET") return refuseMethod("GET");
    const pass = admit(request, tokens, options.allowsV1);
    return pass instanceof Response ? pass : await answerPath(path, options, pass);
  };
}

/**
 * The path, without the slash at its end. For an endpoint that ends with a slash, the SDK for Java
 * sends two slashes at the beginning.
 */
function plainPathOf(request: Request): string {
  return pathOf(request).replace(/^\/\/(?=latest\/)/, "/").replace(/(?<=[^/])\/$/, "");
}

function handleToken(request: Request, tokens: MetadataTokens): Response {
  if (request.method !== "PUT") return refuseMethod("PUT");
  const ttl = parseTtl(request.headers.get(TTL));
  if (ttl === undefined) {
    const message = `${TTL} must be a number of seconds from 1 to ${LONGEST_TTL_SECONDS}`;
    return refuse(400, "BadRequest", message);
  }
  // The SDK for Go refuses a token if its lifetime is not in the answer.
  return answerText(tokens.issue(ttl).reveal(), { [TTL]: String(ttl) });
}

function parseTtl(text: string | null): number | undefined {
  if (text === null) return LONGEST_TTL_SECONDS;
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return seconds >= 1 && seconds <= LONGEST_TTL_SECONDS ? seconds : undefined;
}

/** The headers of the answer to an allowed request, or the refusal. */
function admit(
  request: Request,
  tokens: MetadataTokens,
  allowsV1: boolean,
): Record<string, string> | Response {
  const given = request.headers.get(TOKEN);
  if (given === null && allowsV1) return {};
  const left = tokens.secondsLeft(given ?? "");
  if (left !== undefined) return { [TTL]: String(left) };
  const message = given === null
    ? `There is no ${TOKEN}; get one with PUT ${TOKEN_PATH}, or allow version 1 with --imds-v1`
    : `The ${TOKEN} does not belong to this server, or has expired`;
  return refuse(401, "Unauthorized", message);
}

async function answerPath(
  path: string,
  options: MetadataOptions,
  headers: Record<string, string>,
): Promise<Response> {
  const resource = findResource(path);
  if (resource?.needs === "machine") return renderContent(resource.render(options), headers);
  if (resource === undefined) return renderContent(undefined, headers);
  const current = await options.current();
  return current instanceof VaultError
    ? refuseForNow(current, headers)
    : renderContent(resource.render(options, current), headers);
}

function renderContent(content: Content, headers: Record<string, string>): Response {
  if (content === undefined) {
    return refuse(404, "NotFound", "There is nothing at this path", headers);
  }
  return typeof content === "string" ? answerText(content, headers) : answer(content, headers);
}
