/** Appends lines to a file, one write each, as one of several that do. */

import { systemFiles } from "../../src/system/files.ts";

/** What a worker has of the page's `self`, whose types the tests have. */
const worker = self as unknown as Pick<Worker, "onmessage" | "postMessage">;

worker.onmessage = ({ data: { path, name, count } }: MessageEvent) => {
  const files = systemFiles();
  const failures: string[] = [];
  for (let i = 0; i < count; i++) {
    try {
      files.append(path, `${name} ${i}\n`);
    } catch (error) {
      failures.push(String(error));
    }
  }
  worker.postMessage(failures);
};
