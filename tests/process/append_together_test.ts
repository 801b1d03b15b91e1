/** Lines of several at once, to a file that begins, and that is set aside under their hands. */

import assert from "node:assert/strict";
import { makeFolder } from "../folder.ts";
import { NOT_ON_WINDOWS } from "../home.ts";

const WRITERS = 4;
const LINES = 400;

Deno.test(
  "append() loses no line where the file is new, or moved away in the meantime",
  NOT_ON_WINDOWS,
  async () => {
    const folder = makeFolder();
    const path = `${folder}/record`;
    const workers = Array.from(
      { length: WRITERS },
      () => new Worker(new URL("./append_worker.ts", import.meta.url), { type: "module" }),
    );
    try {
      let left = WRITERS;
      const done = workers.map((worker, name) => {
        const { promise, resolve } = Promise.withResolvers<string[]>();
        worker.onmessage = ({ data }) => {
          left--;
          resolve(data);
        };
        worker.postMessage({ path, name, count: LINES });
        return promise;
      });
      let aside = 0;
      for (; left > 0; await new Promise((resolve) => setTimeout(resolve))) {
        await Deno.rename(path, `${path}.${aside}`).then(() => aside++, () => {});
      }
      assert.deepEqual((await Promise.all(done)).flat(), []);
      const names = [...Array(aside).keys()].map((i) => `${path}.${i}`);
      const texts = [...names, path].map((name) => {
        try {
          return Deno.readTextFileSync(name);
        } catch {
          return "";
        }
      });
      const lines = texts.join("").trimEnd().split("\n").toSorted();
      const expected = workers.flatMap((_, name) =>
        Array.from({ length: LINES }, (_, i) => `${name} ${i}`)
      );
      assert.ok(aside > 1);
      assert.deepEqual(lines, expected.toSorted());
    } finally {
      for (const worker of workers) worker.terminate();
      await Deno.remove(folder, { recursive: true });
    }
  },
);
