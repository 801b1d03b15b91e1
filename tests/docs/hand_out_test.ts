/** Credentials leave by one way, which records it. */

import assert from "node:assert/strict";
import { repositoryFiles } from "./repository_files.ts";

/** The way itself, and what signs its own calls with the credentials and hands them to nobody. */
const MAY_OBTAIN = new Set([
  "./src/commands/hand_out.ts",
  "./src/commands/mfa_user.ts",
  "./src/commands/rotation_deps.ts",
  "./src/commands/whoami.ts",
]);

Deno.test("every command that hands credentials out does it by handOut()", () => {
  const users = repositoryFiles(/^\.\/src\/commands\/.*(?<!_test)\.ts$/)
    .filter(([, text]) => /from ".*\/obtain_planned\.ts"/.test(text))
    .filter(([, text]) => /\bobtainPlanned\b/.test(text)).map(([path]) => path);
  assert.deepEqual(users.filter((path) => !MAY_OBTAIN.has(path)), []);
  assert.equal(users.length, MAY_OBTAIN.size);
});
