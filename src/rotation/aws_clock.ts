import type { Clock } from "../host.ts";
import type { Http, HttpRequest, HttpResponse } from "../http.ts";

/** HTTP that remembers how far AWS's clock is from ours. */
export interface ObservedHttp extends Http {
  /** Now, by AWS's clock to the second, as its last answer had it; by ours before any answer. */
  awsNow(): Temporal.Instant;
}

/**
 * Watches the `Date` headers of answers: whether a key was created while a call was out can only be
 * times of AWS's clock, and this machine's may be minutes off without any call being refused.
 *
 * What passed since an answer is measured by the clock that never jumps: one that was set back or
 * forward in the meantime would move or widen the time in which a key counts as ours.
 */
export function observeClock(http: Http, clock: Clock): ObservedHttp {
  let heard: { readonly date: Temporal.Instant; readonly atMs: number } | undefined;
  return {
    async send(request: HttpRequest): Promise<HttpResponse> {
      const response = await http.send(request);
      const dateMs = Date.parse(response.headers["date"] ?? "");
      if (!Number.isNaN(dateMs)) {
        const date = Temporal.Instant.fromEpochMilliseconds(dateMs);
        heard = { date, atMs: clock.monotonicMs() };
      }
      return response;
    },
    awsNow() {
      if (heard === undefined) return clock.now();
      return heard.date.add({ milliseconds: Math.round(clock.monotonicMs() - heard.atMs) });
    },
  };
}
