import assert from "node:assert/strict";
import { makeFolder } from "../folder.ts";
import { writeProgram } from "./write_program.ts";

/** Starts programs until it is ended, as the tests of other files do. */
const STARTER = `
  for (;;) await new Deno.Command("/bin/sh", { args: ["-c", ":"] }).output();
`;

Deno.test({
  name: "writeProgram() writes what starts at once, while other threads start programs",
  ignore: Deno.build.os === "windows",
  async fn() {
    const url = `data:application/javascript,${encodeURIComponent(STARTER)}`;
    const starters = [1, 2].map(() => new Worker(url, { type: "module" }));
    const folder = makeFolder();
    try {
      for (let i = 0; i < 300; i++) {
        const program = `${folder}/${i}`;
        writeProgram(program, "#!/bin/sh\nexit 7\n");
        const { code } = await new Deno.Command(program).output();
        assert.equal(code, 7);
      }
    } finally {
      for (const starter of starters) starter.terminate();
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
