import assert from "node:assert/strict";
import { askingProgram } from "./asking_program.ts";

const program = (name: string, pid: number, leadsSession = false) => ({
  name,
  pid,
  started: `${pid}0`,
  leadsSession,
});

Deno.test("askingProgram() goes up to the shell of the terminal", () => {
  const callers = [program("aws", 9), program("bash", 8, true), program("xterm", 7, true)];
  assert.deepEqual(askingProgram(callers, { isAgent: false }), {
    text: "aws, started by bash",
    key: '[["aws","bash"],8,"80"]',
  });
});

Deno.test("askingProgram() goes past the shells that an agent starts for each command", () => {
  const callers = [program("sh", 9, true), program("node", 8), program("bash", 7, true)];
  assert.deepEqual(askingProgram(callers, { isAgent: true }), {
    text: "sh, started by node",
    key: '[["sh","node"],8,"80"]',
  });
});

Deno.test("askingProgram() knows nobody where the system shows nobody", () => {
  assert.equal(askingProgram([], { isAgent: false }), undefined);
});
