/** Lines of several at once, to a file that begins, and that is set aside under their hands. */

import assert from "node:assert/strict";
import { makeFolder } from "../folder.ts";
import { NOT_ON_WINDOWS } from "../home.ts";

const WRITERS = 4;
const LINES = 400;

/** What a worker did. */
interface Appended {
  readonly failures: readonly string[];
  readonly count: number;
}

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
      // Seen by the workers, which go on until the test has come to move their file away.
      const aside = new Int32Array(new SharedArrayBuffer(4));
      let left = WRITERS;
      const done = workers.map((worker, name) => {
        const { promise, resolve } = Promise.withResolvers<Appended>();
        worker.onmessage = ({ data }) => {
          left--;
          resolve(data);
        };
        worker.postMessage({ path, name, atLeast: LINES, aside });
        return promise;
      });
      for (; left > 0; await new Promise((resolve) => setTimeout(resolve))) {
        await Deno.rename(path, `${path}.${aside[0]}`)
          .then(() => Atomics.add(aside, 0, 1), () => {});
      }
      const appended = await Promise.all(done);
      assert.deepEqual(appended.flatMap(({ failures }) => failures), []);
      const names = [...Array(aside[0]).keys()].map((i) => `${path}.${i}`);
      const texts = [...names, path].map((name) => {
        try {
          return Deno.readTextFileSync(name);
        } catch {
          return "";
        }
      });
      const lines = texts.join("").trimEnd().split("\n").toSorted();
      const expected = appended.flatMap(({ count }, name) =>
        Array.from({ length: count }, (_, i) => `${name} ${i}`)
      );
      assert.deepEqual(lines, expected.toSorted());
    } finally {
      for (const worker of workers) worker.terminate();
      await Deno.remove(folder, { recursive: true });
    }
  },
);
