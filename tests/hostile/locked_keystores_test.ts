/**
 * What `list` says of the sessions that a locked keystore's data key sealed, with the real services: a session
 * of a data key that is gone is not listed, also where the session database was put back.
 */

import assert from "node:assert/strict";
import { openPassKeyring } from "../../backends/pass/keyring.ts";
import { openSecretServiceKeyring } from "../../backends/secret_service/keyring.ts";
import { openKWalletKeyring } from "../../backends/kwallet/keyring.ts";
import { DATA_KEY_NAME, type Keyring } from "../../src/keyring.ts";
import { passDeps } from "../contract/pass_opener.ts";
import { Home } from "../home.ts";
import { requireService } from "../services.ts";
import {
  GNOME_KEYRING_INSTALL,
  hasGnomeKeyring,
  startGnomeKeyring,
} from "../services/gnome_keyring.ts";
import { hasPass, makeGpgHome, PASS_INSTALL } from "../services/gpg.ts";
import { hasKWallet, KWALLET_INSTALL, startKWallet } from "../services/kwallet.ts";
import { desktopHost } from "../services/session_bus.ts";

const LISTED = /^GetSessionToken:\S+ work\n$/;
const NOT_LISTED = "note: 1 cached session is not listed: the keystore cannot be read now, " +
  "and does not show whether it opens it\n";

/** A keystore that a test can lock and open again. */
interface Lockable extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  /** As another program opens it. */
  open(): Keyring;
  /** Changes the program's environment, or the service, so that nothing can be read; and back. */
  lock(env: Record<string, string>): Promise<void>;
  unlock(env: Record<string, string>): Promise<void>;
}

interface Subject {
  readonly backend: string;
  readonly ignore: boolean;
  readonly showsNames: boolean;
  start(): Promise<Lockable>;
}

/** A GnuPG whose secret key is missing stands for one whose agent has forgotten the passphrase. */
async function startPass(): Promise<Lockable> {
  const gpg = await makeGpgHome();
  return {
    env: gpg.env,
    open: () => openPassKeyring("pass", passDeps(gpg.env), { mayPrompt: false }),
    lock: (env) =>
      Promise.resolve(void Object.assign(env, gpg.envWithoutKey, { HOME: env["HOME"] })),
    unlock: (env) => Promise.resolve(void Object.assign(env, gpg.env, { HOME: env["HOME"] })),
    [Symbol.asyncDispose]: () => gpg[Symbol.asyncDispose](),
  };
}

/** The login unlocks the collection; what another one is locked by is a new start of the service. */
async function startSecretService(isRestarted: boolean): Promise<Lockable> {
  const service = await startGnomeKeyring();
  const collection = await service.createCollection("awsvault");
  const host = desktopHost(service.env);
  return {
    env: service.env,
    open: () => openSecretServiceKeyring(host, { mayPrompt: false }),
    async lock() {
      await service.lock(collection);
      if (isRestarted) await service.restartLocked();
    },
    unlock: () => service.unlock(collection),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

async function startWallet(): Promise<Lockable> {
  const service = await startKWallet();
  await service.openWallet();
  const host = desktopHost(service.env);
  return {
    env: service.env,
    open: () => openKWalletKeyring(host, { mayPrompt: false }),
    lock: () => service.closeWallet(),
    unlock: () => service.openWallet(),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

const gnome = requireService("gnome-keyring", hasGnomeKeyring(), GNOME_KEYRING_INSTALL);
const SUBJECTS: Readonly<Record<string, Subject>> = {
  "a locked collection": {
    backend: "secret-service",
    ...gnome,
    showsNames: true,
    start: () => startSecretService(false),
  },
  "a collection that was not unlocked since login": {
    backend: "secret-service",
    ...gnome,
    showsNames: true,
    start: () => startSecretService(true),
  },
  "a password store": {
    backend: "pass",
    ...requireService("pass", hasPass(), PASS_INSTALL),
    showsNames: true,
    start: startPass,
  },
  "a closed wallet": {
    backend: "kwallet",
    ...requireService("kwalletd5", hasKWallet(), KWALLET_INSTALL),
    showsNames: false,
    start: startWallet,
  },
};

/** What a locked keystore lists of one session, before and after its data key goes. */
for (const [what, { backend, ignore, showsNames, start }] of Object.entries(SUBJECTS)) {
  Deno.test({
    name: `${what} lists no session of a data key that is gone`,
    ignore,
    // The libraries of the system stay loaded.
    sanitizeResources: false,
    async fn() {
      await using home = await Home.open();
      await using store = await start();
      Object.assign(home.env, store.env, { HOME: home.path, AWS_VAULT_BACKEND: backend });
      home.write(".aws/config", "[profile work]\n");
      const state = `${home.path}/.awsvault/state`;
      const list = async (...flags: string[]) => {
        await store.lock(home.env);
        const { stdout, stderr } = await home.succeed(
          "list",
          "--sessions",
          "--no-prompt",
          ...flags,
        );
        await store.unlock(home.env);
        return [stdout, stderr] as const;
      };
      await home.as("work").succeed("add", "--env", "work");
      await home.succeed("export", "work");
      const [alive, said] = await list();
      if (showsNames) assert.match(alive, LISTED);
      assert.deepEqual([showsNames ? "" : alive, said], ["", showsNames ? "" : NOT_LISTED]);

      await Deno.rename(state, `${home.path}/away`);
      const keyring = store.open();
      assert.equal(await keyring.remove(DATA_KEY_NAME), true);
      await keyring.close();
      await home.succeed("export", "work");
      await Deno.rename(state, `${home.path}/new`);
      await Deno.rename(`${home.path}/away`, state);
      const [gone, saidThen] = await list();
      assert.deepEqual([gone, saidThen.replace(NOT_LISTED, "")], ["", ""]);
    },
  });
}

Deno.test({
  name: "what is in the place of a recorded name is neither waited for nor followed",
  ...requireService("pass", hasPass(), PASS_INSTALL),
  async fn() {
    await using home = await Home.open();
    await using store = await startPass();
    Object.assign(home.env, store.env, { HOME: home.path, AWS_VAULT_BACKEND: "pass" });
    home.write(".aws/config", "[profile work]\n");
    home.write("other", "another file\n");
    await home.as("work").succeed("add", "--env", "work");
    await home.succeed("export", "work");
    const names = `${home.path}/.awsvault/state/names`;
    const [name] = [...Deno.readDirSync(names)].map(({ name }) => `${names}/${name}`);
    const places: Record<string, () => Promise<unknown>> = {
      "a pipe": () => new Deno.Command("mkfifo", { args: [name!] }).output(),
      "a folder": () => Deno.mkdir(name!),
      "a link": () => Deno.symlink(`${home.path}/other`, name!),
      "a folder for all of them that is a link": async () => {
        await Deno.rename(names, `${names}-away`);
        await Deno.symlink(`${names}-away`, names);
      },
    };
    for (const [what, plant] of Object.entries(places)) {
      await Deno.remove(name!, { recursive: true });
      await plant();
      await store.lock(home.env);
      const locked = await home.succeed("list", "--sessions", "--no-prompt");
      assert.deepEqual([locked.stdout, locked.stderr], ["", NOT_LISTED], what);
      await store.unlock(home.env);
      assert.equal((await home.succeed("export", "work")).stderr, "", what);
    }
    assert.equal(home.read("other"), "another file\n");
  },
});
