/**
 * The file store for tests that open it in several processes, all without the cost of PBKDF2; what the
 * Go library reads of it (`tests/interop/go_keyring_test.ts`) has all its rounds.
 */

import "../fakes/few_rounds.ts";

export { fileDeps } from "./file_deps.ts";
