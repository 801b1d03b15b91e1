import type { Clock } from "../host.ts";
import type { Http, HttpRequest, HttpResponse } from "../http.ts";

/** HTTP that tracks the difference between AWS's clock and ours. */
export interface ObservedHttp extends Http {
  /** AWS's time in whole seconds, from its last answer; our time before any answer. */
  awsNow(): Temporal.Instant;
}

/**
 * Reads the `Date` headers of answers: only AWS's times can show whether a key was created during a
 * call, and this machine's clock may be minutes off without a call being refused.
 *
 * The time since an answer is measured with the monotonic clock: a clock that was set back or
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
