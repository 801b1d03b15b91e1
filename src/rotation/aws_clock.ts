import type { Clock, Http, HttpRequest, HttpResponse } from "../host.ts";

/** HTTP that remembers how far AWS's clock is from ours. */
export interface ObservedHttp extends Http {
  /** Now, by AWS's clock to the second, as its last answer told; by ours before any answer. */
  awsNow(): Temporal.Instant;
}

/**
 * Watches the `Date` headers of answers: whether a key was created while a call was out can only be
 * told by AWS's clock, and this machine's may be minutes off without any call being refused.
 */
export function observeClock(http: Http, clock: Clock): ObservedHttp {
  let offsetMs = 0;
  return {
    async send(request: HttpRequest): Promise<HttpResponse> {
      const response = await http.send(request);
      const date = Date.parse(response.headers["date"] ?? "");
      if (!Number.isNaN(date)) offsetMs = date - clock.now().epochMilliseconds;
      return response;
    },
    awsNow: () => clock.now().add({ milliseconds: Math.round(offsetMs) }),
  };
}
