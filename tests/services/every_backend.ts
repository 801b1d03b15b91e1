/** Every back end of this platform with its real service, for tests that run the whole program. */

import { openKeyctlKeyring } from "../../backends/keyctl/keyring.ts";
import { BACKENDS } from "../../backends/mod.ts";
import { obtainDataKey } from "../../src/cache/data_key.ts";
import { systemHost } from "../../src/system/host.ts";
import { memoryEnv, TalkRecorder } from "../fakes/memory_host.ts";
import { requireService } from "../services.ts";
import { AGE_INSTALL, hasAge, makeAgeHome } from "./age.ts";
import { GNOME_KEYRING_INSTALL, hasGnomeKeyring, startGnomeKeyring } from "./gnome_keyring.ts";
import { hasPass, makeGpgHome, PASS_INSTALL } from "./gpg.ts";
import { hasKernelKeys, KERNEL_KEYS_INSTALL } from "./kernel_keyring.ts";
import { hasKWallet, KWALLET_INSTALL, startKWallet } from "./kwallet.ts";

/** A running store, with what the program has to know of it. */
export interface RunningStore extends AsyncDisposable {
  /** For the program, besides its own HOME. */
  readonly env: Readonly<Record<string, string>>;
}

/** One back end that can be tried here, or not. */
export interface BackendUnderTest {
  readonly name: string;
  readonly ignore: boolean;
  start(): Promise<RunningStore>;
}

/** The passphrase of the file store in these tests; no file of the runtime's cache can hold it by chance. */
export const FILE_PASSPHRASE = `correct-horse-${crypto.randomUUID()}`;

const SERVICES: Readonly<Record<string, () => Omit<BackendUnderTest, "name">>> = {
  "secret-service": () => ({
    ...requireService("gnome-keyring", hasGnomeKeyring(), GNOME_KEYRING_INSTALL),
    async start() {
      const service = await startGnomeKeyring();
      await service.createCollection("awsvault");
      return service;
    },
  }),
  kwallet: () => ({
    ...requireService("kwalletd5", hasKWallet(), KWALLET_INSTALL),
    async start() {
      const service = await startKWallet();
      await service.openWallet();
      return service;
    },
  }),
  pass: () => ({ ...requireService("pass", hasPass(), PASS_INSTALL), start: () => makeGpgHome() }),
  passage: () => ({ ...requireService("age", hasAge(), AGE_INSTALL), start: () => makeAgeHome() }),
  keyctl: () => ({
    ...requireService("kernel keys", hasKernelKeys(), KERNEL_KEYS_INSTALL),
    async start() {
      await shareKernelDataKey();
      return await nothing({});
    },
  }),
  file: () => ({
    ignore: false,
    // No unlock that outlasts the test: it would stay in the session of the person who runs it.
    start: () =>
      nothing({ AWS_VAULT_FILE_PASSPHRASE: FILE_PASSPHRASE, AWS_VAULT_FILE_UNLOCK_TTL: "0" }),
  }),
};

/** The back ends of this platform in the program's order; on Linux one without an entry above is an error. */
export function everyBackend(): BackendUnderTest[] {
  const here = BACKENDS.filter(({ platforms }) => platforms.some((os) => os === Deno.build.os));
  return here.flatMap(({ name }) => {
    const service = SERVICES[name];
    if (service !== undefined) return [{ name, ...service() }];
    if (Deno.build.os !== "linux") return [];
    throw new Error(`the tests have no service for ${name}`);
  });
}

/**
 * The kernel has one keyring for all programs of a user, while the lock under which the program makes
 * its data key is in a state folder, of which each test has its own: so it is made before.
 */
async function shareKernelDataKey(): Promise<void> {
  // One for all runs of the suite, each of which may have a folder for temporary files of its own.
  const folder = `/tmp/aws-vault-tests-${Deno.uid()}`;
  const env = memoryEnv({ AWS_VAULT_STATE_DIR: folder });
  const deps = { ...systemHost(), env, talk: new TalkRecorder() };
  await obtainDataKey(deps, openKeyctlKeyring(deps), () => {});
}

function nothing(env: Readonly<Record<string, string>>): Promise<RunningStore> {
  return Promise.resolve({ env, [Symbol.asyncDispose]: () => Promise.resolve() });
}

/** A name that no other test uses: the kernel has one keyring for all programs of a user. */
export function uniqueProfile(): string {
  return `test-${crypto.randomUUID().slice(0, 8)}`;
}
