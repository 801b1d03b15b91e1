import assert from "node:assert/strict";
import { terminalOfStat } from "./terminal.ts";

Deno.test("terminalOfStat() gives the device of field 7", () => {
  const stat = (device: number, program = "deno") =>
    `4242 (${program}) S 4241 4242 4242 ${device} 4242 4194304 1 0`;
  assert.equal(terminalOfStat(stat(34816)), "/dev/pts/0");
  assert.equal(terminalOfStat(stat(34819, "a) b (c")), "/dev/pts/3");
  // The minor number's upper bits stand above the major number.
  assert.equal(terminalOfStat(stat(34816 | (1 << 20) | 2)), "/dev/pts/258");
  assert.equal(terminalOfStat(stat(1025)), "/dev/tty1");
  assert.equal(terminalOfStat(stat(0)), undefined);
  assert.equal(terminalOfStat(""), undefined);
});
