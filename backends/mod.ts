/**
 * The table of back ends, in the order in which they are tried.
 *
 * Explicit on purpose: nothing registers itself. Each row is in the folder of its back end and
 * declares its own options.
 */

import type { Backend } from "../src/backend.ts";
import { file } from "./file/backend.ts";
import { keychain } from "./keychain/backend.ts";
import { keyctl } from "./keyctl/backend.ts";
import { kwallet } from "./kwallet/backend.ts";
import { pass, passage } from "./pass/backend.ts";
import { secretService } from "./secret_service/backend.ts";
import { wincred } from "./wincred/backend.ts";

/** All back ends of this program. */
export const BACKENDS: readonly Backend[] = [
  keychain,
  wincred,
  secretService,
  kwallet,
  pass,
  passage,
  file,
  keyctl,
];
