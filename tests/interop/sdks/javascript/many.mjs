/** Obtains credentials as many times as its argument says, with a new provider each time; prints milliseconds. */

import { fromNodeProviderChain } from "@aws-sdk/credential-providers";

await fromNodeProviderChain()();
const start = performance.now();
for (let i = 0; i < Number(process.argv[2]); i++) await fromNodeProviderChain()();
console.log(performance.now() - start);
