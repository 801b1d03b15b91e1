import { BACKENDS } from "./backends/mod.ts";
import { run } from "./src/cli/run.ts";
import { systemHost } from "./src/system/host.ts";
import { shedKeyLog } from "./src/system/key_log.ts";

await shedKeyLog();
Deno.exit(await run(Deno.args, systemHost(), BACKENDS));
