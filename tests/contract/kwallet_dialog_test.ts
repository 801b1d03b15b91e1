import assert from "node:assert/strict";
import { openKWalletKeyring, probeKWallet } from "../../backends/kwallet/keyring.ts";
import type { VaultError } from "../../src/errors.ts";
import type { ProbeLimits } from "../../backends/session_bus.ts";
import type { Keyring } from "../../src/keyring.ts";
import { requireService } from "../services.ts";
import { startDisplay } from "../services/display.ts";
import { hasKWallet, type KWallet, KWALLET_INSTALL, startKWallet } from "../services/kwallet.ts";
import { desktopHost, startBus } from "../services/session_bus.ts";

const { ignore } = requireService("kwalletd5", hasKWallet(), KWALLET_INSTALL);

const bytes = (text: string) => new TextEncoder().encode(text);
const item = { data: bytes("data of work"), label: "aws-vault (work)" };
const refused = (action: string, reason: string) => ({
  code: "keyring-locked",
  exitCode: 4,
  message: `Cannot ${action} KWallet: ${reason}`,
  hints: [
    "Open the wallet in the desktop session, such as with KWalletManager, and allow aws-vault to use it",
    "Or choose a keystore that needs no desktop: --backend=pass or --backend=file",
  ],
});
/** For a probe that is answered, however busy the machine is. */
const PATIENT: ProbeLimits = { connectMs: 30_000, callMs: 30_000 };
const NOBODY = "its wallet is closed, and nobody can be asked to open it";
const DISMISSED = 'it refused to open the wallet "aws-vault", or its dialog was dismissed';

async function failure(of: Promise<unknown>): Promise<unknown> {
  const error = await of.then((value) => assert.fail(`no error but ${value}`), (error) => error);
  const { code, exitCode, message, hints } = error as VaultError;
  return { code, exitCode, message, hints };
}

async function withWallet(
  mayPrompt: boolean,
  body: (service: KWallet, keyring: Keyring) => Promise<void>,
): Promise<void> {
  await using service = await startKWallet();
  const keyring = openKWalletKeyring(desktopHost(service.env), { mayPrompt });
  try {
    await body(service, keyring);
  } finally {
    keyring.close();
  }
}

Deno.test("a wallet that was never made has no keys, and nobody is asked", { ignore }, async () => {
  await withWallet(true, async (_, keyring) => {
    assert.equal(await keyring.has("work"), false);
    assert.equal(await keyring.get("work"), undefined);
    assert.equal(await keyring.remove("work"), false);
    assert.deepEqual(await keyring.keys(), []);
  });
});

Deno.test("a closed wallet is not an empty one", { ignore }, async () => {
  await withWallet(false, async (service, keyring) => {
    await service.openWallet();
    await keyring.set("work", item);
    // The handle that the keyring has is good for nothing now, and calls with it give nothing.
    await service.closeWallet();
    assert.deepEqual(await failure(keyring.get("work")), refused('read "work" from', NOBODY));
    assert.deepEqual(await failure(keyring.has("work")), refused('look for "work" in', NOBODY));
    assert.deepEqual(await failure(keyring.keys()), refused("list the keys in", NOBODY));
    assert.deepEqual(await failure(keyring.set("a", item)), refused('store "a" in', NOBODY));
    assert.deepEqual(await failure(keyring.remove("work")), refused('remove "work" from', NOBODY));
    // That much a closed wallet shows.
    assert.equal(await keyring.has("home"), false);
    await service.openWallet();
    assert.deepEqual(await keyring.get("work"), item.data);
  });
});

Deno.test("a person can dismiss the dialog", { ignore }, async () => {
  await withWallet(true, async (service, keyring) => {
    await service.openWallet();
    await keyring.set("work", item);
    await service.closeWallet();
    const read = failure(keyring.get("work"));
    await service.display.press("kwalletd", ["Escape"]);
    assert.deepEqual(await read, refused('read "work" from', DISMISSED));
  });
});

Deno.test("an entry of another program is an item, or none, or damaged", { ignore }, async () => {
  await withWallet(false, async (service, keyring) => {
    await service.openWallet();
    const json = '{"Key":"work","Data":"eHl6","Label":"","Description":""}';
    await service.writeEntry("work", bytes(json));
    await service.writeEntry("empty", new Uint8Array());
    await service.writeEntry("other", bytes(json));
    assert.deepEqual(await keyring.get("work"), bytes("xyz"));
    assert.equal(await keyring.get("empty"), undefined);
    assert.equal((await failure(keyring.get("other")) as VaultError).code, "damaged-item");
    assert.deepEqual((await keyring.keys()).sort(), ["empty", "other", "work"]);
    await keyring.set("größe", item);
    assert.deepEqual(JSON.parse(new TextDecoder().decode(await service.readEntry("größe"))), {
      Key: "größe",
      Data: "ZGF0YSBvZiB3b3Jr",
      Label: "aws-vault (work)",
      Description: "",
      KeychainNotTrustApplication: true,
      KeychainNotSynchronizable: false,
    });
  });
});

Deno.test("KWallet that is switched off is not here", { ignore }, async () => {
  await using display = await startDisplay();
  await using bus = await startBus({ DISPLAY: display.name });
  await Deno.writeTextFile(`${bus.folder}/config/kwalletrc`, "[Wallet]\nEnabled=false\n[Other]\n");
  await bus.makeActivatable("org.kde.kwalletd5", "/usr/bin/kwalletd5");
  const host = desktopHost({ ...bus.env, DISPLAY: display.name });
  assert.equal(await probeKWallet(host, PATIENT), "KWallet is turned off in its settings");
  const keyring = openKWalletKeyring(host, { mayPrompt: true });
  const error = await failure(keyring.set("work", item)) as VaultError;
  assert.equal(error.code, "keyring-unavailable");
  assert.match(error.message, /^Cannot store "work" in KWallet: it /);
  keyring.close();
});

Deno.test("the probe starts no program", { ignore }, async () => {
  await using service = await startKWallet();
  assert.equal(await probeKWallet(desktopHost(service.env), PATIENT), undefined);
  await using bus = await startBus();
  const nobody = "KWallet is not installed, or not for this session bus";
  assert.equal(await probeKWallet(desktopHost(bus.env), PATIENT), nobody);
  await bus.makeActivatable("org.kde.kwalletd5", "/bin/touch /nowhere/started");
  const headless = "KWallet is not running, and there is no display";
  assert.equal(await probeKWallet(desktopHost(bus.env), PATIENT), headless);
  const host = desktopHost({ ...bus.env, DISPLAY: ":9" });
  assert.equal(await probeKWallet(host, PATIENT), undefined);
});

async function store(keyring: Keyring): Promise<void> {
  await keyring.set("work", item);
  keyring.close();
}

Deno.test("KWallet that hangs or dies is an error in time", { ignore }, async () => {
  await using service = await startKWallet();
  await service.openWallet();
  const host = desktopHost(service.env);
  await store(openKWalletKeyring(host, { mayPrompt: false }));
  service.hang();
  // The bus answers still, which may take longer than the wallet has to be waited for.
  const limits = { callMs: 2_000, promptMs: 2_000 };
  const keyring = openKWalletKeyring(host, { mayPrompt: false, limits });
  const silent = (await failure(keyring.get("work"))) as VaultError;
  assert.deepEqual(
    [silent.code, silent.message, silent.hints],
    ["keyring-unavailable", 'Cannot read "work" from KWallet: it does not answer', [
      "Log in to the desktop again, which restarts it, or choose another keystore with --backend",
    ]],
  );
  const started = performance.now();
  assert.equal(await probeKWallet(host), "KWallet fails: Timeout was reached");
  assert.ok(performance.now() - started < 2_000);
  await service.kill();
  const dead = (await failure(keyring.get("work"))) as VaultError;
  assert.equal(dead.code, "keyring-unavailable");
  assert.match(dead.message, /^Cannot read "work" from KWallet: it is not there: /);
  keyring.close();
});
