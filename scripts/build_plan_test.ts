import assert from "node:assert/strict";
import { planBuilds } from "./build_plan.ts";

const HERE = "x86_64-unknown-linux-gnu";

Deno.test("planBuilds() makes one binary a target, this platform's by default", () => {
  assert.deepEqual(planBuilds([], HERE), [
    { target: HERE, output: `dist/${HERE}/aws-vault` },
  ]);
  assert.deepEqual(
    planBuilds(["--target", "aarch64-apple-darwin", "--target=x86_64-pc-windows-msvc"], HERE),
    [
      { target: "aarch64-apple-darwin", output: "dist/aarch64-apple-darwin/aws-vault" },
      { target: "x86_64-pc-windows-msvc", output: "dist/x86_64-pc-windows-msvc/aws-vault.exe" },
    ],
  );
  assert.deepEqual(planBuilds(["--output", "out/aws-vault"], HERE), [
    { target: HERE, output: "out/aws-vault" },
  ]);
  assert.equal(planBuilds(["--all"], HERE).length, 6);
});

Deno.test("planBuilds() refuses what it cannot understand", () => {
  const refused = (...args: string[]) => {
    let message = "";
    assert.throws(() => planBuilds(args, HERE), (error: Error) => {
      message = error.message.split("\n")[0] ?? "";
      return true;
    });
    return message;
  };
  assert.equal(refused("--target", "riscv64"), `Unknown target "riscv64"`);
  assert.equal(refused("--target"), "--target needs a value");
  assert.equal(refused("--all", "--output", "x"), "--output is for one target");
  assert.equal(refused("--fast"), `Cannot understand "--fast"`);
});
