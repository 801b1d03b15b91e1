import { BACKENDS } from "./backends/mod.ts";
import { run } from "./src/cli/run.ts";
import { systemHost } from "./src/system/host.ts";

Deno.exit(await run(Deno.args, systemHost(), BACKENDS));
