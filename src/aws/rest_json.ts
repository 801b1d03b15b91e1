/** AWS's REST-JSON protocol, as the sign-in services use it, mostly unsigned. */

import type { HttpResponse } from "../http.ts";
import { NetworkError } from "./network_error.ts";
import { type Answer, type AwsCall, type AwsDeps, type AwsFault, sendCall } from "./send.ts";

/** The members of an answer. */
export type JsonFields = Readonly<Record<string, unknown>>;

/** The address of a call. */
export interface RestCaller {
  /** Without a trailing slash. */
  readonly url: string;
  /** PEM certificates of `ca_bundle`, see `readCaBundle`. */
  readonly caCertificates?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One call. */
export interface RestCall extends
  RestCaller,
  Pick<
    AwsCall<unknown>,
    "action" | "subject" | "retry" | "explain" | "signing" | "freshHeaders" | "isSigned"
  > {
  readonly method: "GET" | "POST";
  /** Includes the query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: JsonFields | undefined;
  /** The caller itself slows down after a "slow down"; otherwise it is an ordinary throttle. */
  readonly slowsDown?: boolean | undefined;
  /** The members that a complete answer must have. */
  readonly requires: readonly string[];
}

/**
 * Makes one call, and gives the members of its answer.
 *
 * Throws `AwsError` for a refusal, whose code is the exception's name, and `NetworkError` if there is no
 * readable answer. Source: botocore's `RestJSONParser`.
 */
export async function callRest(deps: AwsDeps, call: RestCall): Promise<JsonFields> {
  const { action, subject, retry, explain, caCertificates, signal } = call;
  return await sendCall(deps, {
    action,
    subject,
    retry,
    ...explain && { explain },
    signing: call.signing,
    freshHeaders: call.freshHeaders,
    isSigned: call.isSigned,
    caCertificates,
    signal,
    request: {
      method: call.method,
      url: call.url + call.path,
      headers: {
        accept: "application/json",
        ...call.body && { "content-type": "application/json" },
        ...call.headers,
      },
      ...call.body && { body: JSON.stringify(call.body) },
    },
    interpret: (response) => Promise.resolve(interpretAnswer(response, call)),
  });
}

function interpretAnswer(
  response: HttpResponse,
  { requires, slowsDown = false }: Pick<RestCall, "requires" | "slowsDown">,
): Answer<JsonFields> {
  const fields = parseFields(response.body);
  if (response.status === 200 || response.status === 201) {
    if (fields === undefined) return unreadable(response);
    const missing = requires.find((name) => fields[name] === undefined || fields[name] === null);
    if (missing === undefined) return { kind: "done", value: fields };
    return { kind: "unreadable", reason: `an answer without ${missing}` };
  }
  const fault = fields && readFault(response, fields);
  if (fault?.code === "SlowDownException" && !slowsDown) {
    return { kind: "refused", fault: { ...fault, code: "SlowDown" } };
  }
  return fault ? { kind: "refused", fault } : unreadable(response);
}

function unreadable({ body }: HttpResponse): Answer<never> {
  const isPage = /^\s*<(?:!doctype|html)/i.test(body);
  return { kind: "unreadable", reason: isPage ? "a web page" : "not JSON, or incomplete JSON" };
}

/** An empty body is an answer without members: Logout gives one. */
function parseFields(body: string): JsonFields | undefined {
  if (body.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(body);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? value as JsonFields : undefined;
  } catch {
    return undefined;
  }
}

/** The exception for a status, if nothing else names it. */
const BY_STATUS: Readonly<Record<number, string>> = {
  401: "UnauthorizedException",
  403: "ForbiddenException",
  404: "ResourceNotFoundException",
  429: "TooManyRequestsException",
};

function readFault({ headers, status }: HttpResponse, fields: JsonFields): AwsFault | undefined {
  const text = (name: string) => typeof fields[name] === "string" ? fields[name] as string : "";
  const named = headers["x-amzn-errortype"] || text("__type") || text("code");
  // Services write it as `Name:http://…` or `namespace#Name`.
  const code = named.split(":")[0]!.split("#").at(-1)! || ofOauth(text("error")) ||
    BY_STATUS[status] || "";
  if (code === "") return undefined;
  return {
    code: ofSignin(code, text("error")),
    message: text("error_description") || text("message") || text("Message"),
    requestId: headers["x-amzn-requestid"] ?? "",
  };
}

/** AWS Sign-In has one exception for every denial, with a separate reason such as `TOKEN_EXPIRED`. */
function ofSignin(code: string, reason: string): string {
  return code === "AccessDeniedException" && /^[A-Z]+(?:_[A-Z]+)*$/.test(reason) ? reason : code;
}

/** OAuth's `slow_down` is AWS's `SlowDownException`. */
function ofOauth(error: string): string {
  if (error === "") return "";
  const words = error.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return words.join("") + "Exception";
}

/** ASCII without blanks and control characters: valid in a header, a form and a file. */
const PRINTABLE = /^[\x21-\x7e]+$/;

/** Reads the members of an answer: untrusted text from the network, so each format is checked. */
export class AnswerReader {
  readonly #action: string;
  readonly #fields: JsonFields;

  constructor(action: string, fields: unknown) {
    this.#action = action;
    this.#fields = typeof fields === "object" && fields !== null ? fields as JsonFields : {};
  }

  text(name: string, form: RegExp = PRINTABLE): string {
    const value = this.#fields[name];
    if (typeof value === "string" && form.test(value)) return value;
    throw this.bad(
      value === undefined ? `it has no ${name}` : `its ${name} is malformed`,
    );
  }

  optionalText(name: string): string | undefined {
    const value = this.#fields[name];
    return value === undefined || value === null ? undefined : this.text(name);
  }

  /** A whole number, 0 or more. */
  count(name: string): number {
    const value = this.#fields[name];
    if (Number.isSafeInteger(value) && Number(value) >= 0) return Number(value);
    throw this.bad(`its ${name} is not a number`);
  }

  /** The members of a list; empty if the list is absent. */
  list(name: string): AnswerReader[] {
    const value = this.#fields[name];
    return Array.isArray(value) ? value.map((one) => new AnswerReader(this.#action, one)) : [];
  }

  member(name: string): AnswerReader {
    return new AnswerReader(this.#action, this.#fields[name]);
  }

  /** The error for an answer in the wrong form; never quotes it: it may be a secret. */
  bad(problem: string, hints: readonly string[] = []): NetworkError {
    return new NetworkError(`Cannot read AWS's answer to ${this.#action}: ${problem}`, true, {
      hints,
    });
  }
}
