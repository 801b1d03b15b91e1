/** Commands on one key that meet at a moment nobody chose; `AWS_VAULT_TEST_TRIALS=40` for a long run. */

import assert from "node:assert/strict";
import { NOT_ON_WINDOWS, openSameKey } from "./same_key.ts";

/** How often each pair is tried with the answers of AWS delayed at random. */
const TRIALS = Number(Deno.env.get("AWS_VAULT_TEST_TRIALS") ?? 3);

for (const command of ["add", "remove", "import"] as const) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    name: `rotate and ${command} at a random moment leave what they say`,
    async fn() {
      for (let trial = 0; trial < TRIALS; trial++) await tryAtRandom(command);
    },
  });
}

/** Starts both at once; the moment at which they meet depends on how late AWS answers. */
async function tryAtRandom(command: "add" | "remove" | "import"): Promise<void> {
  await using scene = await openSameKey();
  for (const action of ["GetCallerIdentity", "ListAccessKeys", "CreateAccessKey"]) {
    scene.aws.fault({ kind: "delay", action, ms: Math.random() * 200 });
  }
  const [rotated, other] = await Promise.all([scene.run("rotate"), scene.run(command)]);
  scene.aws.faults.clear();
  const story = `${rotated.code} ${rotated.stderr}\n${other.code} ${other.stderr}`;
  assert.equal(other.code, 0, story);
  const isEarlier = /was (replaced by another process just now|removed in the meantime)/;
  const isGone = command === "remove" && /no credentials|no stored key|no key is stored/;
  assert(
    rotated.code === 0 || isEarlier.test(rotated.stdout + rotated.stderr) ||
      isGone && isGone.test(rotated.stderr),
    story,
  );
  // A removal that began when the rotation was over has no news.
  if (command !== "remove") scene.assertKnown(other.stderr, command);
  await scene.assertSettled(command === "remove" ? undefined : scene.keysOf("other")[0]);
}
