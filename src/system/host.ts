import type { Host } from "../host.ts";
import type { Http } from "../http.ts";
import { systemClock } from "./clock.ts";
import { systemDatabases } from "./databases.ts";
import { systemEnv } from "./env.ts";
import { systemFiles } from "./files.ts";
import { systemNative } from "./native.ts";
import { systemOutput } from "./output.ts";
import { systemPlatform } from "./platform.ts";
import { systemCompanions, systemPrograms, systemProgramsApart } from "./programs.ts";
import { systemRandom } from "./random.ts";
import { systemServers } from "./servers.ts";
import { systemTerminal } from "./terminal.ts";

/** The real world, on Deno; opens nothing by itself. */
export function systemHost(): Host {
  const env = systemEnv();
  return {
    env,
    platform: systemPlatform(env),
    clock: systemClock(),
    random: systemRandom(),
    files: systemFiles(),
    databases: systemDatabases(),
    programs: systemPrograms(),
    programsApart: systemProgramsApart(),
    background: {
      start: async (args) => (await import("./background.ts")).startInBackground(args),
    },
    companions: systemCompanions(),
    terminal: systemTerminal(),
    http: http(),
    servers: systemServers(),
    sockets: {
      listen: async (...at) => (await socketsHere()).listenAt(...at),
      ask: async (...at) => (await socketsHere()).askAt(...at),
      send: async (...to) => (await import("./ffi/datagram.ts")).sendDatagram(...to),
    },
    signals: { catchEnd: async () => (await import("./end_signals.ts")).catchEnd() },
    native: systemNative(),
    interrupts: {
      explain: async (lines) => (await import("./interrupts.ts")).explainInterrupt(lines),
    },
    stdin: { isTerminal: () => Deno.stdin.isTerminal() },
    stdout: systemOutput("stdout"),
    stderr: systemOutput("stderr"),
  };
}

/** The HTTP code is loaded for the first request: most invocations find their answer in the cache. */
function http(): Http {
  let loaded: Promise<Http> | undefined;
  return {
    async send(request) {
      loaded ??= import("./http.ts").then(({ systemHttp }) => systemHttp());
      return await (await loaded).send(request);
    },
  };
}

/** Unix sockets, or their replacement on Windows; the code is loaded on first use. */
async function socketsHere() {
  if (Deno.build.os !== "windows") return await import("./local_sockets.ts");
  const { listenAtPipe, askPipeAt } = await import("./local_pipes.ts");
  return { listenAt: listenAtPipe, askAt: askPipeAt };
}
