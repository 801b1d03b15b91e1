/** `migrate-backend` takes the seeds of MFA devices along, and lists them before. */

import assert from "node:assert/strict";
import { Home, NOT_ON_WINDOWS } from "../home.ts";
import { BACKENDS } from "./added_backend.ts";

const STORED = `the seed of MFA device "arn:aws:iam::111122223333:mfa/work"`;
const ENROLLING = `the seed of MFA device "arn:aws:iam::111122223333:mfa/other", ` +
  "whose enrollment is not finished";
const HINT = "hint: To use them: --backend=notebook, or AWS_VAULT_BACKEND=notebook";
const MOVE = ["migrate-backend", "--from=file", "--to=notebook"];

/** A home whose file store has a key with a device, and a key whose device is not enabled yet. */
async function openHome(): Promise<Home> {
  const home = await Home.open({ users: [{ name: "work" }, { name: "other" }] });
  home.backends = BACKENDS;
  Object.assign(home.env, {
    AWS_VAULT_NOTEBOOK_FOLDER: `${home.path}/pages`,
    NOTEBOOK_PIN: "not-a-child's-business",
  });
  await home.as("work").succeed("add", "--env", "work");
  await home.succeed("mfa", "enroll", "--store", "work");
  await home.as("other").succeed("add", "--env", "other");
  home.aws.fault({ kind: "deny", action: "EnableMFADevice" });
  assert.equal((await home.run("mfa", "enroll", "--store", "other")).code, 5);
  return home;
}

async function said(home: Home, ...words: string[]): Promise<string[]> {
  const { stderr } = await home.succeed(...words);
  return stderr.split("\n").filter((line) => line !== "");
}

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "seeds are listed before they move, and are in use where they went",
  async fn() {
    await using home = await openHome();
    assert.deepEqual(await said(home, ...MOVE, "--delete-source", "--dry-run"), [
      'Would move the key of profile "other"',
      'Would move the key of profile "work"',
      `Would move ${ENROLLING}`,
      `Would move ${STORED}`,
      "Nothing was changed; file has 2 keys and 2 seeds",
    ]);
    assert.deepEqual(await said(home, ...MOVE), [
      'Copied the key of profile "other" to notebook',
      'Copied the key of profile "work" to notebook',
      `Copied ${ENROLLING} to notebook`,
      `Copied ${STORED} to notebook`,
      "4 copied",
      HINT,
    ]);
    assert.deepEqual((await said(home, ...MOVE, "--dry-run")).slice(2, 4), [
      `Would compare ${ENROLLING} with the one in notebook, and replace neither`,
      `Would compare ${STORED} with the one in notebook, and replace neither`,
    ]);
    assert.deepEqual((await said(home, ...MOVE, "--delete-source")).slice(2), [
      `Found ${ENROLLING} in notebook already, and removed it from file`,
      `Found ${STORED} in notebook already, and removed it from file`,
      "4 already there, 4 removed from file",
      HINT,
    ]);
    assert.deepEqual(await said(home, ...MOVE, "--dry-run"), ["file has no keys"]);
    home.aws.takeCalls();
    home.env["AWS_VAULT_BACKEND"] = "notebook";
    await home.succeed("mfa", "enroll", "--store", "other");
    assert.deepEqual(
      home.aws.takeCalls().filter((call) =>
        call.includes("MFADevice ") || call.includes("Virtual")
      ),
      ["EnableMFADevice by key/other"],
    );
    await home.succeed("export", "--no-prompt", "work");
    assert.deepEqual(home.aws.takeCalls(), ["GetSessionToken by key/work for 3600s with MFA"]);
  },
});

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "a seed does not replace another one of the device, and one key takes no seed along",
  async fn() {
    await using home = await openHome();
    assert.deepEqual((await said(home, ...MOVE, "--profile=work")).slice(0, 2), [
      'Copied the key of profile "work" to notebook',
      "1 copied",
    ]);
    await said(home, ...MOVE);
    const page = changeSeed(home);
    const { code, stderr } = await home.run(...MOVE, "--delete-source");
    assert.deepEqual([code, stderr.split("\n").slice(3)], [1, [
      `warning: Cannot move ${STORED}: notebook has another one`,
      "hint: Remove the one that is not needed: aws-vault mfa forget --backend=NAME PROFILE",
      "3 already there, 3 removed from file, 1 failed",
      "error: Could not move 1 item",
      "",
    ]]);
    assert.equal(Deno.readTextFileSync(page.path), page.text);
    assert.equal(
      (await said(home, ...MOVE, "--dry-run")).at(-1),
      "Nothing was changed; file has 0 keys and 1 seed",
    );
    await home.succeed("mfa", "forget", "--force", "--backend=notebook", "work");
    assert.deepEqual((await said(home, ...MOVE, "--delete-source")).slice(0, 2), [
      `Copied ${STORED} to notebook, and removed it from file`,
      "1 copied, 1 removed from file",
    ]);
  },
});

/** Puts another seed of the device into the notebook, and gives its page. */
function changeSeed(home: Home): { readonly path: string; readonly text: string } {
  const name = new TextEncoder().encode("aws-vault-totp:arn:aws:iam::111122223333:mfa/work")
    .toHex();
  for (const { name: file } of Deno.readDirSync(`${home.path}/pages`)) {
    const path = `${home.path}/pages/${file}`;
    if (!Deno.readTextFileSync(path).startsWith(name)) continue;
    const data = JSON.stringify({ Base32StringSeed: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" });
    const text = `${name}\n${new TextEncoder().encode(data).toHex()}`;
    Deno.writeTextFileSync(path, text);
    return { path, text };
  }
  throw new Error("The notebook has no seed");
}
