import assert from "node:assert/strict";
import { openSecretServiceKeyring } from "../../backends/secret_service/keyring.ts";
import type { VaultError } from "../../src/errors.ts";
import type { Keyring } from "../../src/keyring.ts";
import type { Native } from "../../src/native.ts";
import { requireService, runs } from "../services.ts";
import { startDisplay, type TestDisplay } from "../services/display.ts";
import {
  GNOME_KEYRING_INSTALL,
  type GnomeKeyring,
  hasGnomeKeyring,
  PASSWORD,
  startGnomeKeyring,
} from "../services/gnome_keyring.ts";
import { desktopHost } from "../services/session_bus.ts";

const PROMPTER = "/usr/libexec/gcr-prompter";
const { ignore } = requireService("gnome-keyring", hasGnomeKeyring(), GNOME_KEYRING_INSTALL);
const { ignore: ignorePrompts } = requireService(
  "gcr-prompter on a display",
  !ignore && ["Xvfb", "xdotool", PROMPTER].every((program) => runs("which", program)),
  "Debian: gcr, xvfb, xdotool",
);

const item = { data: new TextEncoder().encode("data of work"), label: "aws-vault (work)" };
const locked = (action: string, reason: string) => ({
  code: "keyring-locked",
  exitCode: 4,
  message: `Cannot ${action} the Secret Service: ${reason}`,
  hints: [
    "Unlock the keyring in the desktop session (in KeePassXC, the database); without a desktop, run " +
    "gnome-keyring-daemon --unlock, which reads its password from standard input",
    "Or choose a keystore that needs no desktop: --backend=pass or --backend=file",
  ],
});
const NOBODY = "it is locked, and nobody can be asked to unlock it";

async function failure(of: Promise<unknown>): Promise<unknown> {
  const error = await of.then((value) => assert.fail(`no error but ${value}`), (error) => error);
  const { code, exitCode, message, hints } = error as VaultError;
  return { code, exitCode, message, hints };
}

async function withStored(
  env: Readonly<Record<string, string>>,
  options: { mayPrompt: boolean },
  body: (service: GnomeKeyring, keyring: Keyring, collection: string) => Promise<void>,
): Promise<void> {
  await using service = await startGnomeKeyring(env);
  const collection = await service.createCollection("awsvault");
  const keyring = openSecretServiceKeyring(desktopHost(service.env), options);
  try {
    await keyring.set("work", item);
    await body(service, keyring, collection);
  } finally {
    keyring.close();
  }
}

Deno.test("a locked collection is not an empty one", { ignore }, async () => {
  await withStored({}, { mayPrompt: false }, async (service, keyring, collection) => {
    await service.lock(collection);
    assert.equal(await keyring.has("work"), true);
    assert.deepEqual(await failure(keyring.get("work")), locked('read "work" from', NOBODY));
    assert.deepEqual(await failure(keyring.get("home")), locked('read "home" from', NOBODY));
    assert.deepEqual(await failure(keyring.has("home")), locked('look for "home" in', NOBODY));
    assert.deepEqual(await failure(keyring.keys()), locked("list the keys in", NOBODY));
    assert.deepEqual(await failure(keyring.set("home", item)), locked('store "home" in', NOBODY));
    assert.deepEqual(await failure(keyring.remove("work")), locked('remove "work" from', NOBODY));
  });
});

Deno.test("a collection that was never unlocked since login is not empty", { ignore }, async () => {
  await withStored({}, { mayPrompt: false }, async (service, _, collection) => {
    await service.lock(collection);
    await service.restartLocked();
    const keyring = openSecretServiceKeyring(desktopHost(service.env), { mayPrompt: false });
    assert.equal(await keyring.has("work"), true);
    assert.deepEqual(await failure(keyring.get("work")), locked('read "work" from', NOBODY));
    assert.deepEqual(await failure(keyring.keys()), locked("list the keys in", NOBODY));
    keyring.close();
  });
});

Deno.test("a locked default collection is not empty either", { ignore }, async () => {
  await using service = await startGnomeKeyring();
  const host = desktopHost(service.env);
  const keyring = openSecretServiceKeyring(host, { mayPrompt: false });
  await keyring.set("work", item);
  assert.deepEqual(host.said, [
    'The Secret Service cannot create the collection "awsvault" here; ' +
    "the keys are stored in its default collection",
  ]);
  await service.lock("/org/freedesktop/secrets/collection/login");
  assert.equal(await keyring.has("work"), true);
  assert.deepEqual(await failure(keyring.get("work")), locked('read "work" from', NOBODY));
  assert.deepEqual(await failure(keyring.has("home")), locked('look for "home" in', NOBODY));
  assert.deepEqual(await failure(keyring.keys()), locked("list the keys in", NOBODY));
  keyring.close();
});

Deno.test("a collection that cannot be made is tried once", { ignore }, async () => {
  await using service = await startGnomeKeyring();
  const host = desktopHost(service.env);
  const library = await host.native.dbus();
  const methods: string[] = [];
  const dbus: Native["dbus"] = () =>
    Promise.resolve({
      connect: async (address, options) => {
        const connection = await library!.connect(address, options);
        return {
          call: (request) => (methods.push(request.method), connection.call(request)),
          listen: (signal) => connection.listen(signal),
          close: () => connection.close(),
        };
      },
    });
  const watched = { ...host, native: { ...host.native, dbus } };
  const keyring = openSecretServiceKeyring(watched, { mayPrompt: true });
  await keyring.set("work", item);
  await keyring.set("home", item);
  await keyring.set("work", item);
  assert.equal(methods.filter((method) => method === "CreateCollection").length, 1);
  assert.equal(methods.filter((method) => method === "Prompt").length, 1);
  assert.equal(host.said.length, 1);
  keyring.close();
});

Deno.test("keys of the default collection go to our own once it is there", { ignore }, async () => {
  await using service = await startGnomeKeyring();
  const keyring = openSecretServiceKeyring(desktopHost(service.env), { mayPrompt: false });
  await keyring.set("work", item);
  await keyring.set("home", item);
  const collection = await service.createCollection("awsvault");
  assert.deepEqual((await keyring.keys()).sort(), ["home", "work"]);
  await keyring.set("work", { ...item, data: new TextEncoder().encode("new data") });
  await service.lock("/org/freedesktop/secrets/collection/login");
  assert.equal(new TextDecoder().decode(await keyring.get("work")), "new data");
  assert.equal(await keyring.has("nobody"), false);
  await service.lock(collection);
  assert.deepEqual(await failure(keyring.get("home")), locked('read "home" from', NOBODY));
  keyring.close();
});

Deno.test("without a prompter a locked collection is an error at once", { ignore }, async () => {
  await withStored({}, { mayPrompt: true }, async (service, keyring, collection) => {
    await service.lock(collection);
    assert.deepEqual(
      await failure(keyring.get("work")),
      locked('read "work" from', "it is locked, and its prompt was dismissed or not shown"),
    );
  });
});

/** A gnome-keyring whose prompts appear on a display. */
async function withPrompts(
  body: (service: GnomeKeyring, display: TestDisplay) => Promise<void>,
): Promise<void> {
  await using display = await startDisplay();
  await using service = await startGnomeKeyring({ DISPLAY: display.name });
  await service.bus.makeActivatable("org.gnome.keyring.SystemPrompter", PROMPTER);
  await body(service, display);
}

Deno.test("a person can dismiss the prompt to unlock, or answer it", {
  ignore: ignorePrompts,
}, async () => {
  await withPrompts(async (service, display) => {
    const collection = await service.createCollection("awsvault");
    const keyring = openSecretServiceKeyring(desktopHost(service.env), { mayPrompt: true });
    await keyring.set("work", item);
    await service.lock(collection);
    const dismissed = failure(keyring.get("work"));
    await display.press("prompter", ["Escape"]);
    assert.deepEqual(await dismissed, {
      code: "interrupted",
      exitCode: 130,
      message: 'Cannot read "work" from the Secret Service: its prompt was dismissed',
      hints: [
        "Run it again and answer the prompt, or choose another collection with " +
        "--secret-service-collection, such as login",
      ],
    });
    // The next password is not for its window.
    await display.untilGone("prompter");
    const read = keyring.get("work");
    await display.type("prompter", PASSWORD);
    await display.press("prompter", ["Return"]);
    assert.deepEqual(await read, item.data);
    keyring.close();
  });
});

Deno.test(
  "where a person does not want the new collection, the default one is used and remembered",
  {
    ignore: ignorePrompts,
  },
  async () => {
    await withPrompts(async (service, display) => {
      const host = desktopHost(service.env);
      const open = () => openSecretServiceKeyring(host, { mayPrompt: true });
      const [first, second] = [open(), open()];
      const stored = first.set("work", item);
      await display.press("prompter", ["Escape"]);
      await stored;
      assert.deepEqual(host.said, [
        'The Secret Service cannot create the collection "awsvault" here; ' +
        "the keys are stored in its default collection",
      ]);
      // Another process asks nobody.
      await second.set("home", item);
      assert.deepEqual((await second.keys()).sort(), ["home", "work"]);
      assert.equal(host.said.length, 1);
      first.close();
      second.close();
    });
  },
);

Deno.test("a person can give the new collection a password", {
  ignore: ignorePrompts,
}, async () => {
  await withPrompts(async (service, display) => {
    const host = desktopHost(service.env);
    const keyring = openSecretServiceKeyring(host, { mayPrompt: true });
    const stored = keyring.set("work", item);
    await display.type("prompter", PASSWORD);
    await display.press("prompter", ["Tab"]);
    await display.type("prompter", PASSWORD);
    await display.press("prompter", ["Return"]);
    await stored;
    assert.deepEqual(host.said, []);
    assert.deepEqual(await keyring.get("work"), item.data);
    await service.lock("/org/freedesktop/secrets/collection/awsvault");
    assert.equal(await keyring.has("work"), true);
    keyring.close();
  });
});

Deno.test("a prompt that nobody answers is taken away", { ignore: ignorePrompts }, async () => {
  await withPrompts(async (service) => {
    const collection = await service.createCollection("awsvault");
    const limits = { callMs: 5_000, promptMs: 300 };
    const keyring = openSecretServiceKeyring(desktopHost(service.env), { mayPrompt: true, limits });
    await keyring.set("work", item);
    await service.lock(collection);
    assert.deepEqual(
      await failure(keyring.get("work")),
      locked('read "work" from', "nobody answered its prompt"),
    );
    keyring.close();
  });
});
