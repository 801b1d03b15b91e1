import type { Credentials } from "../credentials.ts";
import { AwsError, type VaultError } from "../errors.ts";
import { HttpFailure, type HttpResponse } from "../http.ts";
import type { TalkingHost } from "../talk.ts";
import { shorten } from "../text.ts";
import { type ClockSkew, findSkew, hintsAtFarClock, reportSkew } from "./clock_skew.ts";
import { isThrottle, type Lost, NetworkError } from "./network_error.ts";
import type { UnsignedRequest } from "./sign.ts";

/** The parts of the host that every call to AWS needs. */
export interface AwsDeps extends Pick<TalkingHost, "http" | "clock" | "random" | "talk"> {
  /** Shared by the calls of one invocation, so that a wrong clock is found and reported once. */
  readonly skew?: ClockSkew | undefined;
}

/**
 * Whether a request may be sent again when its answer was lost.
 *
 * `always`: sending it twice does no harm, or the caller handles the refusal of the second try.
 * `only-if-unprocessed`: only if AWS cannot have acted on it (no connection, a throttle, a clock
 * that is off); for calls that create something each time, such as CreateAccessKey.
 */
export type Retry = "always" | "only-if-unprocessed";

/** A refusal in AWS's words, unchanged. */
export interface AwsFault {
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
}

/** The meaning of an HTTP answer; `unreadable`: it is not from AWS, or incomplete. */
export type Answer<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "refused"; readonly fault: AwsFault }
  | { readonly kind: "unreadable"; readonly reason: string };

/** One call to AWS, independent of its protocol. */
export interface AwsCall<T> {
  readonly action: string;
  /** The object of the call, for messages: `role "arn:…"`. */
  readonly subject?: string | undefined;
  readonly request: UnsignedRequest;
  /** Absent: the request is not signed. */
  readonly signing?:
    | { readonly credentials: Credentials; readonly service: string; readonly region: string }
    | undefined;
  /** Headers that are made for each try; `now` is AWS's time. */
  readonly freshHeaders?:
    | ((now: Temporal.Instant) => Promise<Readonly<Record<string, string>>>)
    | undefined;
  /** The fresh headers sign the request, as `signing` does: a wrong clock may explain a refusal. */
  readonly isSigned?: boolean | undefined;
  readonly caCertificates?: readonly string[] | undefined;
  /** Timeout of each try, 10 s by default. */
  readonly timeoutMs?: number | undefined;
  readonly retry: Retry;
  readonly signal?: AbortSignal | undefined;
  /** The name of the server, for messages; AWS by default. */
  readonly server?: string | undefined;
  /** Reads an answer by the rules of the protocol. */
  interpret(response: HttpResponse): Promise<Answer<T>>;
  /** Hints for a refusal. `answerWasLost`: an earlier try may have taken effect. */
  explain?(fault: AwsFault, answerWasLost: boolean): readonly string[];
}

const MAX_TRIES = 3;
const TIMEOUT_MS = 10_000;
/** The maximum back-off before the second try; twice this before the third. */
const THROTTLE_BACKOFF_MS = 1_000;
const FAULT_BACKOFF_MS = 250;

type Outcome<T> =
  | (Answer<T> & { readonly response: HttpResponse })
  | { readonly kind: "failed"; readonly failure: HttpFailure };

/**
 * Calls AWS: signs, sends, and retries where that is safe, three tries at most.
 *
 * Throws {@linkcode AwsError} for a refusal and {@linkcode NetworkError} if there is no readable
 * answer.
 */
export async function sendCall<T>(deps: AwsDeps, call: AwsCall<T>): Promise<T> {
  const skew = deps.skew ?? { offsetMs: 0 };
  let lost: Lost = "no";
  let corrected = false;
  for (let tries = 1;;) {
    const outcome = await tryOnce(deps, call, skew);
    deps.talk.debug(() => describe(call, tries, outcome));
    if (outcome.kind === "done") return outcome.value;
    if (!corrected && correctClock(deps, call, outcome, skew)) {
      corrected = true;
      continue;
    }
    if (mayHaveTakenEffect(outcome)) lost = "perhaps";
    if (tries === MAX_TRIES || !maySendAgain(outcome, call.retry)) {
      throw toError(call, outcome, lost, deps.clock.now());
    }
    await deps.clock.sleep(backoffMs(deps, outcome, tries), call.signal);
    tries++;
  }
}

async function tryOnce<T>(
  deps: AwsDeps,
  call: AwsCall<T>,
  skew: ClockSkew,
): Promise<Outcome<T>> {
  try {
    const response = await deps.http.send({
      ...call.request,
      headers: {
        ...await signedHeaders(deps, call, skew),
        ...await call.freshHeaders?.(deps.clock.now().add({ milliseconds: skew.offsetMs })),
        "user-agent": "aws-vault",
      },
      timeoutMs: call.timeoutMs ?? TIMEOUT_MS,
      ...(call.caCertificates?.length ? { caCertificates: call.caCertificates } : {}),
      ...(call.signal ? { signal: call.signal } : {}),
    });
    return { ...await call.interpret(response), response };
  } catch (error) {
    if (error instanceof HttpFailure) return { kind: "failed", failure: error };
    throw error;
  }
}

async function signedHeaders<T>(
  deps: AwsDeps,
  call: AwsCall<T>,
  skew: ClockSkew,
): Promise<Readonly<Record<string, string>>> {
  if (call.signing === undefined) return call.request.headers;
  const { signRequest } = await import("./sign.ts");
  const now = deps.clock.now().add({ milliseconds: skew.offsetMs });
  return await signRequest(call.request, { ...call.signing, now });
}

/** Adopts AWS's time when a signature was refused and the clocks differ; reports it once. */
function correctClock<T>(
  deps: AwsDeps,
  call: AwsCall<T>,
  outcome: Outcome<T>,
  skew: ClockSkew,
): boolean {
  const isSigned = call.signing !== undefined || call.isSigned === true;
  if (outcome.kind !== "refused" || !isSigned) return false;
  const offsetMs = findSkew(outcome.fault.code, outcome.response, deps.clock.now(), skew);
  if (offsetMs === undefined) return false;
  skew.offsetMs = offsetMs;
  reportSkew(deps.talk, offsetMs);
  return true;
}

/** Whether AWS may have acted on a call without confirming it. */
function mayHaveTakenEffect<T>(outcome: Outcome<T>): boolean {
  if (outcome.kind === "failed") {
    return !["unsent", "untrusted", "proxy", "closed-proxy"].includes(outcome.failure.kind);
  }
  const { status } = outcome.response;
  if (outcome.kind === "refused") return status >= 500 && !isThrottle(outcome.fault.code, status);
  return status !== 429;
}

function maySendAgain<T>(outcome: Outcome<T>, retry: Retry): boolean {
  if (outcome.kind === "failed" && ["untrusted", "proxy"].includes(outcome.failure.kind)) {
    return false;
  }
  if (outcome.kind === "refused") {
    const { code } = outcome.fault;
    if (isThrottle(code, outcome.response.status)) return true;
    if (outcome.response.status < 500 && code !== "IDPCommunicationError") return false;
  }
  return retry === "always" || !mayHaveTakenEffect(outcome);
}

/** The longest wait that a server may request, in seconds. */
const LONGEST_RETRY_AFTER_SECONDS = 20;

/** Full jitter, so that processes that were throttled together do not retry together. */
function backoffMs<T>(deps: AwsDeps, outcome: Outcome<T>, tries: number): number {
  return askedForMs(outcome) + jitterMs(deps, outcome, tries);
}

/** `Retry-After` (RFC 9110, 10.2.3), if it is a number of seconds. */
function askedForMs<T>(outcome: Outcome<T>): number {
  const text = outcome.kind === "failed" ? undefined : outcome.response.headers["retry-after"];
  if (text === undefined || !/^\d{1,9}$/.test(text)) return 0;
  return Math.min(Number(text), LONGEST_RETRY_AFTER_SECONDS) * 1000;
}

function jitterMs<T>(deps: AwsDeps, outcome: Outcome<T>, tries: number): number {
  const throttled = outcome.kind === "refused" &&
    isThrottle(outcome.fault.code, outcome.response.status);
  const base = throttled ? THROTTLE_BACKOFF_MS : FAULT_BACKOFF_MS;
  return Math.round(deps.random.fraction() * base * 2 ** (tries - 1));
}

function toError<T>(
  call: AwsCall<T>,
  outcome: Outcome<T>,
  lost: Lost,
  now: Temporal.Instant,
): VaultError {
  const what = call.subject === undefined ? call.action : `${call.action} for ${call.subject}`;
  const host = new URL(call.request.url).host;
  if (outcome.kind === "failed") return NetworkError.ofFailure(what, host, outcome.failure, lost);
  if (outcome.kind === "refused") return toRefusal(call, what, outcome, lost, now);
  const reason = outcome.kind === "unreadable" ? outcome.reason : "";
  return NetworkError.ofAnswer(what, host, outcome.response.status, reason, lost, call.server);
}

function toRefusal<T>(
  call: AwsCall<T>,
  what: string,
  { fault, response }: { fault: AwsFault; response: HttpResponse },
  lost: Lost,
  now: Temporal.Instant,
): AwsError {
  const code = shorten(fault.code);
  const said = fault.message === "" ? code : `${code}: ${shorten(fault.message)}`;
  const id = fault.requestId === "" ? "" : ` (request id ${shorten(fault.requestId)})`;
  return new AwsError(
    `AWS refused ${what}: ${said}${id}`,
    {
      awsCode: fault.code,
      awsMessage: fault.message,
      status: response.status,
      requestId: fault.requestId,
    },
    {
      hints: hintsFor(call, { fault, response }, lost, now),
    },
  );
}

function hintsFor<T>(
  call: AwsCall<T>,
  { fault, response }: { fault: AwsFault; response: HttpResponse },
  lost: Lost,
  now: Temporal.Instant,
): readonly string[] {
  const hints = [
    ...hintsAtFarClock(fault.code, response, now),
    ...(call.explain?.(fault, lost === "perhaps") ?? []),
  ];
  return hints.length > 0 ? hints : usualHints(fault.code, response.status);
}

/** Hints for a refusal that is not about the call itself. */
function usualHints(code: string, status: number): readonly string[] {
  if (isThrottle(code, status)) return ["AWS is receiving too many requests: try again later"];
  if (status >= 500) return ["AWS has a problem: try again later"];
  const isDenied = /^(?:AccessDenied|Forbidden)(?:Exception)?$|^INSUFFICIENT_PERMISSIONS$/.test(
    code,
  );
  return isDenied ? ["A policy does not allow it: ask the administrators of the account"] : [];
}

function describe<T>(call: AwsCall<T>, tries: number, outcome: Outcome<T>): string {
  const at = `${call.action} at ${new URL(call.request.url).host}, try ${tries}`;
  if (outcome.kind === "failed") return `${at}: ${outcome.failure.message}`;
  const { status } = outcome.response;
  if (outcome.kind === "refused") {
    return `${at}: ${status} ${shorten(outcome.fault.code)}`;
  }
  return outcome.kind === "done" ? `${at}: ${status}` : `${at}: ${status}, ${outcome.reason}`;
}
