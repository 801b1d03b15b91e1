/** Moves the key `work` between two file stores, and kills itself at a step: for `migrate_killed_test.ts`. */

import { openFileKeyring } from "../../backends/file/keyring.ts";
import { moveKey } from "../../src/migration/move_key.ts";
import { fileDeps } from "../contract/file_opener.ts";
import { killAtStep } from "../contract/kill_at_step.ts";

const [from = "", to = "", passphrase = "", dieAtStep = "0"] = Deno.args;
const open = (folder: string) =>
  openFileKeyring(fileDeps({ passphrase }), { folder, passphrase: {}, mayPrompt: false });

killAtStep(Number(dieAtStep));
await moveKey(
  { from: open(from), to: open(to), forgetSessions: () => Promise.resolve() },
  "work",
  { overwrite: true, deleteSource: true },
);
