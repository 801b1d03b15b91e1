import assert from "node:assert/strict";
import { programOutput } from "./program_output.ts";

const url = (path: string) => JSON.stringify(import.meta.resolve(path));

const PROCESS = `
import { systemEnv } from ${url("../../src/system/env.ts")};
import { startEnvironment } from ${url("./start_environment.ts")};
systemEnv();
const { NODE_EXTRA_CA_CERTS } = startEnvironment();
console.log(Deno.env.get("NODE_EXTRA_CA_CERTS") ?? "taken", NODE_EXTRA_CA_CERTS);
`;

Deno.test({
  name: "startEnvironment() has what the program has taken out of the environment",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/process.ts`, PROCESS);
      const words = ["run", "--allow-all", "--quiet", "--no-check", `${folder}/process.ts`];
      const env = { NODE_EXTRA_CA_CERTS: "/ca=1.pem" };
      assert.equal(await programOutput(Deno.execPath(), words, { env }), "taken /ca=1.pem\n");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
