import type { Env } from "../host.ts";

/** The environment of this process; on Windows names are found in any case. */
export function systemEnv(): Env {
  return {
    get: (name) => Deno.env.get(name),
    all: () => Deno.env.toObject(),
  };
}
