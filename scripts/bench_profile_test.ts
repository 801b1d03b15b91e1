import assert from "node:assert/strict";
import { EXPORT_MILESTONES, readPhases, renderPhases } from "./bench_profile.ts";

const TRACE = `
7 1700000000.000000 execve("/bin/aws-vault", ["aws-vault"], 0x7ffd /* 5 vars */) = 0
7 1700000000.001000 openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3
8 1700000000.002000 write(4, "\\1\\0", 8) = 8
7 1700000000.030000 openat(AT_FDCWD, "/home/me/.aws/config", O_RDONLY|O_CLOEXEC) = 13
7 1700000000.031000 keyctl(KEYCTL_SEARCH, 68, "keyring", "aws-vault", 0) = 77
7 1700000000.033000 openat(AT_FDCWD, "/home/me/.awsvault/state/sessions.db", O_RDWR) = 13
7 1700000000.036000 keyctl(KEYCTL_READ, 61, "{", 1024) = 90
7 1700000000.040000 write(1, "{\\n", 735) = 735
7 1700000000.040500 exit_group(0)   = ?
`;

Deno.test("readPhases() distinguishes the steps of a run by what it asks the kernel for", () => {
  const phases = readPhases(TRACE, EXPORT_MILESTONES);
  const rounded = phases.map(({ name, ms }) => [name, Math.round(ms * 10) / 10]);
  assert.deepEqual(rounded, [
    ["runtime, modules, command line", 30],
    ["config", 1],
    ["keystore: whether the key is there", 2],
    ["cache: SQLite, one row", 3],
    ["unsealing, printing", 4],
    ["end of the process", 0.5],
  ]);
  assert.equal(
    renderPhases(phases, [{ name: "runtime", ms: 25 }]),
    [
      "What is left on the path of a cached export (kernel keys), traced:",
      "  runtime, as in the empty program     25.0 ms",
      "  modules, command line                 5.0 ms",
      "  config                                1.0 ms",
      "  keystore: whether the key is there    2.0 ms",
      "  cache: SQLite, one row                3.0 ms",
      "  unsealing, printing                   4.0 ms",
      "  end of the process                    0.5 ms",
    ].join("\n"),
  );
});

Deno.test("readPhases() says which step was not seen", () => {
  assert.throws(
    () => readPhases(TRACE.replace("sessions.db", "other.db"), EXPORT_MILESTONES),
    /No call of the program says that "keystore: whether the key is there" is over/,
  );
});
