/**
 * Appends lines to a file, one write each, as one of several that do: so many, and on until the file was set
 * aside twice.
 */

import { systemFiles } from "../../src/system/files.ts";

/** What a worker has of the page's `self`, whose types the tests have. */
const worker = self as unknown as Pick<Worker, "onmessage" | "postMessage">;

worker.onmessage = ({ data: { path, name, atLeast, aside } }: MessageEvent) => {
  const files = systemFiles();
  const failures: string[] = [];
  let count = 0;
  for (; count < atLeast || Atomics.load(aside, 0) < 2; count++) {
    try {
      files.append(path, `${name} ${count}\n`);
    } catch (error) {
      failures.push(String(error));
    }
  }
  worker.postMessage({ failures, count });
};
