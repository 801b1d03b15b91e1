import assert from "node:assert/strict";
import { VaultError } from "../errors.ts";
import { ProgramFailure, type Programs } from "../host.ts";
import { execChild } from "./child.ts";

/** Programs on a machine that has `tool`, and where starting it goes as given. */
function programs(start: Partial<Programs>): Programs {
  const unused = () => assert.fail("not expected");
  return {
    run: unused,
    replace: unused,
    attend: unused,
    find: (name) => name === "tool" ? "/bin/tool" : undefined,
    ...start,
  };
}

const CHILD = { command: "tool", args: ["a b"], env: { A: "1" } };

Deno.test("execChild() becomes the child where that can be, else attends to it", async () => {
  const calls: unknown[] = [];
  const deps = {
    programs: programs({
      replace: (...args) => (calls.push(["replace", ...args]), Promise.resolve(false)),
      attend: (...args) => (calls.push(["attend", ...args]), Promise.resolve(7)),
    }),
  };
  assert.equal(await execChild(deps, CHILD), 7);
  assert.equal(await execChild(deps, { ...CHILD, attended: true }), 7);
  const what = ["/bin/tool", ["a b"], { A: "1" }];
  assert.deepEqual(calls, [["replace", ...what, "tool"], ["attend", ...what], ["attend", ...what]]);
});

Deno.test("execChild() gives the codes of a shell for what cannot be started", async () => {
  const failing = (kind: ProgramFailure["kind"]) => ({
    programs: programs({
      replace() {
        throw new ProgramFailure(kind, `Cannot start "/bin/tool": ${kind}`);
      },
    }),
  });
  const outcome = async (deps: { programs: Programs }, command: string) => {
    const error = await execChild(deps, { ...CHILD, command }).catch((error) => error);
    assert(error instanceof VaultError);
    return [error.exitCode, error.message, error.hints];
  };
  assert.deepEqual(await outcome(failing("not-found"), "nope"), [
    127,
    'Cannot run "nope": there is no such program in PATH',
    [],
  ]);
  assert.deepEqual(await outcome(failing("not-found"), "tool -x"), [
    127,
    'Cannot run "tool -x": there is no such program in PATH',
    ["Give the command and its arguments as separate words: aws-vault exec PROFILE -- ls -l"],
  ]);
  assert.deepEqual(await outcome(failing("not-found"), "tool"), [
    127,
    'Cannot start "/bin/tool": not-found',
    [],
  ]);
  assert.deepEqual(await outcome(failing("not-executable"), "tool"), [
    126,
    'Cannot start "/bin/tool": not-executable',
    [],
  ]);
});
