/** Asks the credential service of a machine or container: unsigned, and retried if the answer is unusable. */

import { VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { HttpFailure, type HttpRequest, type HttpResponse } from "../http.ts";
import { NetworkError } from "./network_error.ts";

/** Pause between two attempts, as in botocore. */
const PAUSE_MS = 1000;

/** One request to such a service. */
export interface MachineQuestion<T> {
  readonly request: HttpRequest;
  /** 1 or more. */
  readonly attempts: number;
  /** What is requested, such as `the credentials of this machine`. */
  readonly what: string;
  /** A hint for the case that something else answers at this address. */
  readonly whenOdd: string;
  /** Hints for a status, where a remedy is known. */
  hintsAt(status: number): readonly string[];
  /** The error when nothing answers. */
  unreachable(failure: HttpFailure): NetworkError;
  /** Throws `NetworkError` for anything that cannot be the answer. */
  read(answer: HttpResponse): T;
}

/**
 * Sends the request, and retries on temporary failures: no answer, a throttle, a failure of the service, an
 * answer in the wrong form. Throws `aws-refused` for a status, and `NetworkError`.
 */
export async function askMachine<T>(
  { http, clock }: Pick<Host, "http" | "clock">,
  question: MachineQuestion<T>,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      const answer = await http.send(question.request);
      if (isPassing(answer.status)) throw refusal(question, answer.status);
      return question.read(answer);
    } catch (error) {
      if (!mayPass(error) || attempt === question.attempts) throw toError(question, error);
    }
    await clock.sleep(PAUSE_MS);
  }
}

function isPassing(status: number): boolean {
  return status >= 500 || status === 429;
}

/** The refusal for a status. */
export function refusal(
  { request, what, hintsAt }: Pick<MachineQuestion<unknown>, "request" | "what" | "hintsAt">,
  status: number,
): VaultError {
  const { host } = new URL(request.url);
  const known = hintsAt(status);
  const usual = isPassing(status)
    ? "The service has a problem: try again later"
    : "Check that the address is the service's";
  const hints = known.length > 0 ? known : [usual];
  const message = `Cannot get ${what}: ${host} answered with status ${status}`;
  return new MachineRefusal(message, status, hints);
}

/** The service refuses the request by its status. */
class MachineRefusal extends VaultError {
  override readonly name = "MachineRefusal";
  readonly status: number;

  constructor(message: string, status: number, hints: readonly string[]) {
    super("aws-refused", message, { hints });
    this.status = status;
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof HttpFailure) return error.kind !== "untrusted";
  if (error instanceof MachineRefusal) return isPassing(error.status);
  return error instanceof NetworkError;
}

function toError({ whenOdd, unreachable }: MachineQuestion<unknown>, error: unknown): unknown {
  if (error instanceof HttpFailure) return unreachable(error);
  if (!(error instanceof NetworkError) || error.hints.length > 0) return error;
  return new NetworkError(error.message, true, { hints: [whenOdd], cause: error });
}
