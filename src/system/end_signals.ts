import type { CaughtEnd } from "../host.ts";
import { listen, type SignalHandler } from "./signals.ts";

/** Catches the signals that ask this process to end. */
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
