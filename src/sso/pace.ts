import type { Clock } from "../host.ts";
import type { Http } from "../http.ts";

/** Identity Center answers some 20 requests a second, and refuses more. */
const PAUSE_MS = 60;

/** HTTP with a minimum interval between the starts of requests, however many are made at once. */
export function pacedHttp(http: Http, clock: Pick<Clock, "monotonicMs" | "sleep">): Http {
  let nextMs = 0;
  return {
    async send(request) {
      const nowMs = clock.monotonicMs();
      const atMs = Math.max(nowMs, nextMs);
      nextMs = atMs + PAUSE_MS;
      if (atMs > nowMs) await clock.sleep(atMs - nowMs);
      return await http.send(request);
    },
  };
}
