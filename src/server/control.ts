/**
 * The requests of `aws-vault grant` and `serve --stop` to a server of the same user: one line of JSON in, one
 * out (docs/formats.md, "Grants"). Only programs of the user can send them; still, nothing is trusted.
 */

import { type ErrorCode, EXIT_CODES, VaultError } from "../errors.ts";
import { type GrantTerms, LONGEST_GRANT_SECONDS } from "../grant_terms.ts";
import type { Grant, GrantRequest, Grants, NewGrant } from "./grants.ts";
import { profileUri } from "./granted.ts";
import type { Current } from "./live_credentials.ts";

/** A server, as seen by the code that handles control requests. */
export interface Controlled {
  /** `127.0.0.1:40123`. */
  readonly host: string;
  readonly pid: number;
  readonly grants: Grants;
  /** Throws if the server does not serve a profile. */
  requireServed(profile: string): void;
  /** The policies that narrow a profile under these terms; throws if the terms refuse it or conflict. */
  policiesUnder(profile: string, terms: GrantTerms): Promise<readonly string[]>;
  /** Obtains credentials of a profile, or the error if there are none; asks nobody. */
  prepare(profile: string, under: Under): Promise<Current>;
  /** Called after a grant was made or has ended. */
  changed(): void;
  /** Ends the server, once the answer is on its way. */
  stop(): void;
}

/** The terms under which credentials are given, and the policies that narrow them. */
export interface Under {
  readonly terms: GrantTerms;
  readonly policies: readonly string[];
}

/** The description of a server. */
export interface ServerStatus {
  readonly pid: number;
  readonly url: string;
}

/** A grant without its token. */
export interface GrantSummary {
  readonly name: string;
  readonly profiles: readonly string[];
  /** RFC 3339, to the second; `null`: until the server ends. */
  readonly expiration: string | null;
  /** The policies of its credentials: ARNs, and the text of an inline policy; absent: not narrowed. */
  readonly policies?: readonly string[];
  /** The coding agent that the grant was made for. */
  readonly agent?: string;
}

/** A grant with what programs need; `grant --format json` also prints it. */
export interface GrantAnswer extends GrantSummary {
  readonly AWS_CONTAINER_CREDENTIALS_FULL_URI: string;
  readonly AWS_CONTAINER_AUTHORIZATION_TOKEN: string;
}

/** The reason why a profile has no credentials. */
export interface MissingAnswer {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hints: readonly string[];
}

/** A request; {@linkcode ControlAnswers} has the answer to each action. */
export type ControlRequest =
  | { readonly do: "status" | "list" | "stop" }
  | { readonly do: "prepare"; readonly profile: string; readonly terms?: GrantTerms }
  | { readonly do: "revoke"; readonly name: string }
  | {
    readonly do: "grant";
    readonly profiles: readonly string[];
    readonly name?: string | undefined;
    readonly lifetimeSeconds?: number | undefined;
    readonly terms?: GrantTerms;
  };

/** The answer to each action. */
export interface ControlAnswers {
  readonly status: ServerStatus;
  readonly prepare: { readonly missing?: MissingAnswer };
  readonly grant: GrantAnswer;
  readonly list: { readonly grants: readonly GrantSummary[] };
  readonly revoke: GrantSummary;
  readonly stop: ServerStatus;
}

type Fields = Readonly<Record<string, unknown>>;
type Action<K extends keyof ControlAnswers> = (
  server: Controlled,
  request: Fields,
) => ControlAnswers[K] | Promise<ControlAnswers[K]>;

const ACTIONS: { readonly [K in keyof ControlAnswers]: Action<K> } = {
  status: describeServer,
  async prepare(server, request) {
    const profile = requireText(request, "profile");
    server.requireServed(profile);
    const terms = findTerms(request);
    const policies = await server.policiesUnder(profile, terms);
    const current = await server.prepare(profile, { terms, policies });
    return current instanceof VaultError ? { missing: plainError(current) } : {};
  },
  async grant(server, request) {
    const profiles = requireTexts(request, "profiles");
    profiles.forEach((profile) => server.requireServed(profile));
    const made = await makeGrant(server, {
      profiles,
      name: findText(request, "name"),
      lifetimeSeconds: findSeconds(request, "lifetimeSeconds"),
      terms: findTerms(request),
    });
    server.changed();
    return made;
  },
  list: ({ grants }) => ({ grants: grants.live().map(summarize) }),
  revoke(server, request) {
    const name = requireText(request, "name");
    const grant = server.grants.revoke(name);
    if (grant === undefined) {
      throw new VaultError("no-credentials", `Cannot revoke grant "${name}": there is none`, {
        hints: ["See all grants: aws-vault grant --list"],
      });
    }
    server.changed();
    return summarize(grant);
  },
  stop(server) {
    server.stop();
    return describeServer(server);
  },
};

/** Handles one line with a request. */
export async function handleControl(line: string, server: Controlled): Promise<string> {
  try {
    return JSON.stringify(await act(line, server));
  } catch (error) {
    const known = error instanceof VaultError ? error : new VaultError(
      "internal",
      "The server failed because of a bug in aws-vault, please report it",
    );
    return JSON.stringify({ error: plainError(known) });
  }
}

async function act(line: string, server: Controlled): Promise<object> {
  const request = parseObject(line);
  const name = request && findText(request, "do");
  if (request === undefined || name === undefined || !Object.hasOwn(ACTIONS, name)) {
    throw notUnderstood("its version may differ");
  }
  return await ACTIONS[name as keyof ControlAnswers](server, request);
}

/** Makes a grant; throws `unsupported` for a profile that cannot be served, `conflict` for an existing name. */
export async function makeGrant(
  server: Pick<Controlled, "grants" | "host" | "policiesUnder">,
  request: Omit<GrantRequest, "policies">,
): Promise<GrantAnswer> {
  const { profiles, terms = {} } = request;
  const [uri = ""] = profiles.map((profile) => profileUri(server.host, profile));
  const policies = new Map<string, readonly string[]>();
  for (const profile of profiles) {
    policies.set(profile, await server.policiesUnder(profile, terms));
  }
  return describeNew(server.grants.make({ ...request, policies }), uri);
}

function describeNew({ grant, token }: NewGrant, uri: string): GrantAnswer {
  return {
    ...summarize(grant),
    AWS_CONTAINER_CREDENTIALS_FULL_URI: uri,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: token.reveal(),
  };
}

function summarize(
  { name, profiles, expiration, policies, terms: { agent } }: Grant,
): GrantSummary {
  const all = [...new Set([...policies.values()].flat())];
  return {
    name,
    profiles,
    expiration: expiration?.toString({ smallestUnit: "second" }) ?? null,
    ...all.length > 0 && { policies: all },
    ...agent !== undefined && { agent },
  };
}

function describeServer({ pid, host }: Controlled): ServerStatus {
  return { pid, url: `http://${host}` };
}

function plainError({ code, message, hints }: VaultError): MissingAnswer {
  return { code, message, hints };
}

/** The answer in a server's line; throws the error that it contains. */
export function parseAnswer<K extends keyof ControlAnswers>(_: K, line: string): ControlAnswers[K] {
  const answer = parseObject(line);
  if (answer === undefined) throw notUnderstood("the version of the server may differ");
  const error = answer["error"];
  if (error !== undefined) throw reviveError(error as Partial<MissingAnswer>);
  return answer as unknown as ControlAnswers[K];
}

/** The error that another process described. */
export function reviveError({ code, message, hints }: Partial<MissingAnswer>): VaultError {
  const known = code !== undefined && Object.hasOwn(EXIT_CODES, code) ? code : "internal";
  return new VaultError(known, String(message), { hints: (hints ?? []).map(String) });
}

function parseObject(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value as Fields : undefined;
  } catch {
    return undefined;
  }
}

function findText(request: Fields, key: string): string | undefined {
  const value = request[key];
  if (value === undefined || typeof value === "string") return value;
  throw notUnderstood(`its "${key}" is not a string`);
}

function requireText(request: Fields, key: string): string {
  const text = findText(request, key);
  if (text) return text;
  throw notUnderstood(`it has no "${key}"`);
}

function requireTexts(request: Fields, key: string): string[] {
  const value = request[key];
  const isRight = Array.isArray(value) && value.length > 0 &&
    value.every((text) => typeof text === "string" && text !== "");
  if (isRight) return [...new Set<string>(value)];
  throw notUnderstood(`its "${key}" is not a list of strings`);
}

/**
 * The terms of a grant. An unknown term is refused and not ignored: otherwise the credentials would
 * be given without it.
 */
function findTerms(request: Fields): GrantTerms {
  const terms = request["terms"];
  if (terms === undefined) return {};
  if (typeof terms !== "object" || terms === null || Array.isArray(terms)) {
    throw notUnderstood('its "terms" are no object');
  }
  for (const [key, value] of Object.entries(terms)) {
    const isRight = Object.hasOwn(TERMS, key) && TERMS[key as keyof GrantTerms](value);
    if (!isRight) throw notUnderstood(`its terms have an unknown "${key}"`);
  }
  return terms;
}

const isText = (value: unknown) => typeof value === "string" && value !== "";
const isTrue = (value: unknown) => value === true;

/** Each term, and its valid values. */
const TERMS: { readonly [K in keyof GrantTerms]-?: (value: unknown) => boolean } = {
  readOnly: isTrue,
  denyRoleChaining: isTrue,
  policyArn: (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
  // The policy's text: the server would read a path with other permissions than the requester.
  policy: (value) => typeof value === "string" && /^\s*\{/.test(value),
  agent: isText,
};

function findSeconds(request: Fields, key: string): number | undefined {
  const value = request[key];
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && Number(value) > 0 && Number(value) <= LONGEST_GRANT_SECONDS) {
    return Number(value);
  }
  throw notUnderstood(`its "${key}" is not a number of seconds up to ten years`);
}

function notUnderstood(why: string): VaultError {
  return new VaultError("bad-usage", `Cannot parse the request on the socket: ${why}`);
}
