import type { Http, HttpFailure, HttpRequest, HttpResponse } from "../../src/http.ts";

/** What becomes of a request: an answer (status 200 where it says none), or a failure. */
export type ScriptedAnswer = Partial<HttpResponse> | HttpFailure;

/**
 * HTTP that answers by a script and keeps the requests.
 *
 * A request too many throws; so does the disposal (`using`) while answers are left, since a test
 * that did not use up its script did not test what it says.
 */
export class ScriptedHttp implements Http, Disposable {
  readonly requests: HttpRequest[] = [];
  readonly #script: ScriptedAnswer[];

  constructor(...script: ScriptedAnswer[]) {
    this.#script = script;
  }

  send(request: HttpRequest): Promise<HttpResponse> {
    this.requests.push(request);
    const answer = this.#script.shift();
    if (answer === undefined) {
      throw new Error(`Not in the script: ${request.method} ${request.url}`);
    }
    return answer instanceof Error
      ? Promise.reject(answer)
      : Promise.resolve({ status: 200, headers: {}, body: "", ...answer });
  }

  [Symbol.dispose](): void {
    if (this.#script.length > 0) throw new Error(`${this.#script.length} answers were not used`);
  }
}
