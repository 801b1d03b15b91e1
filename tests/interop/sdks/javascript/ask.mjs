/** The AWS SDK for JavaScript 3 as one of the clients of `tests/interop/sdks`. */

import { fromNodeProviderChain } from "@aws-sdk/credential-providers";
import { createInterface } from "node:readline";

const provider = fromNodeProviderChain();
for await (const _ of createInterface({ input: process.stdin })) {
  try {
    const { accessKeyId, expiration } = await provider();
    console.log(accessKeyId, expiration ? Math.floor(expiration.getTime() / 1000) : "-");
  } catch (error) {
    console.log("error", error.message.replaceAll("\n", " "));
  }
}
