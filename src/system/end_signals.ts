import type { CaughtEnd } from "../host.ts";
import { listen, type SignalHandler } from "./signals.ts";

/** Takes the signals to end that this process gets. */
export function catchEnd(): CaughtEnd {
  const { promise, resolve } = Promise.withResolvers<"interrupt" | "end">();
  const ends: readonly Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGBREAK"]
    : ["SIGTERM", "SIGHUP"];
  const stop = listen([
    ["SIGINT", () => resolve("interrupt")],
    ...ends.map((signal): SignalHandler => [signal, () => resolve("end")]),
  ]);
  return { arrived: promise, stop };
}
