import { BACKENDS } from "./backends/mod.ts";
import { reportFailure } from "./src/cli/output.ts";
import { run } from "./src/cli/run.ts";
import { readArguments } from "./src/system/arguments.ts";
import { systemHost } from "./src/system/host.ts";
import { shedKeyLog } from "./src/system/key_log.ts";
import { systemOutput } from "./src/system/output.ts";

async function main(): Promise<number> {
  // The runtime's own words for what nobody caught are a coloured trace.
  addEventListener("unhandledrejection", ({ reason }) => Deno.exit(report(reason)));
  addEventListener("error", ({ error }) => Deno.exit(report(error)));
  try {
    await shedKeyLog();
    return await run(readArguments(), systemHost(), BACKENDS);
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  return reportFailure(error, systemOutput("stderr"), Deno.args.includes("--debug"));
}

Deno.exit(await main());
