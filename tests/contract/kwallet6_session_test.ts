/** KWallet 6 as a Secret Service: no session with it is a broken one. */

import assert from "node:assert/strict";
import { openSecretServiceKeyring } from "../../backends/secret_service/keyring.ts";
import { probeKWallet } from "../../backends/kwallet/keyring.ts";
import { probeSecretService, whyYieldToKWallet } from "../../backends/secret_service/probe.ts";
import { BACKENDS } from "../../backends/mod.ts";
import type { ProbeLimits } from "../../backends/session_bus.ts";
import type { Backend } from "../../src/backend.ts";
import type { VaultError } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import { chooseBackend } from "../../src/keystore/choose.ts";
import { systemHost } from "../../src/system/host.ts";
import { systemRandom } from "../../src/system/random.ts";
import { memoryEnv, TalkRecorder } from "../fakes/memory_host.ts";
import { requireService } from "../services.ts";
import { KDE6 } from "../services/kde6.ts";
import { hasGnomeKeyring, startGnomeKeyring } from "../services/gnome_keyring.ts";
import { hasKWallet6, KWALLET6_INSTALL, startKWallet6 } from "../services/kwallet.ts";
import { desktopHost } from "../services/session_bus.ts";

const { ignore } = requireService("kwalletd6", hasKWallet6(), KWALLET6_INSTALL);

/** For a probe that is answered, however busy the machine is. */
const PATIENT: ProbeLimits = { connectMs: 30_000, callMs: 30_000 };

const bytes = (text: string) => new TextEncoder().encode(text);

/** With today's chances one in 150 sessions was a broken one: 1,000 good ones by luck are one in 700. */
Deno.test("1,000 new items, each in a session of its own, are read back from KWallet 6", {
  ignore,
}, async () => {
  await using service = await startKWallet6();
  await service.openWallet("awsvault");
  const host = desktopHost(service.env);
  for (let i = 0; i < 1_000; i++) {
    const keyring = openSecretServiceKeyring(host, { mayPrompt: false });
    const data = bytes(`data of ${i}`);
    await keyring.set(`key ${i}`, { data, label: `aws-vault (key ${i})` });
    assert.deepEqual(await keyring.get(`key ${i}`), data);
    keyring.close();
  }
  const keyring = openSecretServiceKeyring(host, { mayPrompt: false });
  assert.equal((await keyring.keys()).length, 1_000);
  for (const i of [0, 1, 500, 999]) {
    assert.deepEqual(await keyring.get(`key ${i}`), bytes(`data of ${i}`));
  }
  keyring.close();
});

/** Exponents whose public keys begin with a byte that KWallet's library takes for another number. */
Deno.test("a key exchange that KWallet 6 would misread is not begun", { ignore }, async () => {
  await using service = await startKWallet6();
  await service.openWallet("awsvault");
  // 2 to these powers begins, modulo the prime, with 0xff and a byte from 0x80, 0xff, 0x00 0x80, 0x00, 0x80.
  for (const exponent of [2183n, 2161n, 1455n, 1453n, 1106n]) {
    const first = Uint8Array.fromHex(exponent.toString(16).padStart(64, "0"));
    const system = systemRandom();
    const random: Host["random"] = {
      ...system,
      bytes: (count) => count === 32 ? new Uint8Array(first) : system.bytes(count),
    };
    const host = { ...desktopHost(service.env), random };
    const keyring = openSecretServiceKeyring(host, { mayPrompt: false });
    await keyring.set("work", { data: bytes(`with ${exponent}`), label: "aws-vault (work)" });
    assert.deepEqual(await keyring.get("work"), bytes(`with ${exponent}`));
    keyring.close();
  }
});

Deno.test("KWallet 6 without its library for cryptography says what to install", {
  ignore,
}, async () => {
  const { QCA_PLUGIN_PATH: _, ...env } = KDE6.env;
  await using service = await startKWallet6(env);
  await service.openWallet("awsvault");
  const keyring = openSecretServiceKeyring(desktopHost(service.env), { mayPrompt: false });
  const storing = keyring.set("work", { data: bytes("x"), label: "aws-vault (work)" });
  const error: VaultError = await storing.then(() => assert.fail(), (error) => error);
  const { code, message, hints } = error;
  assert.deepEqual({ code, message, hints }, {
    code: "keyring-unavailable",
    message:
      'Cannot store "work" in the Secret Service: createDLGroup failed: maybe libqca-ossl is missing',
    hints: [
      "Install the OpenSSL plugin of QCA for Qt 6 (Debian: libqca-qt6-plugins), and log in to the desktop again",
      "Or use KWallet through its own interface: --backend=kwallet",
    ],
  });
  keyring.close();
});

Deno.test("kwallet comes before the Secret Service that is KWallet's", { ignore }, async () => {
  await using service = await startKWallet6();
  const host = desktopHost(service.env);
  assert.equal(await probeSecretService(host, PATIENT), undefined);
  assert.equal(await chosen(service.env), "kwallet");
  assert.equal(
    await whyYieldToKWallet(host, PATIENT),
    "KWallet provides it here, and has its own back end",
  );
});

Deno.test("the Secret Service of another program comes first", {
  ignore: ignore || !hasGnomeKeyring(),
}, async () => {
  await using service = await startGnomeKeyring();
  assert.equal(await chosen(service.env), "secret-service");
});

/** The back end that is used where none is named. */
async function chosen(env: Readonly<Record<string, string>>): Promise<string> {
  const host = {
    ...systemHost(),
    ...desktopHost(env),
    env: memoryEnv(env),
    talk: new TalkRecorder(),
  };
  const input = { flags: {}, mayPrompt: false };
  return (await chooseBackend({ host, backends: BACKENDS.map(patiently), input }, undefined)).name;
}

/** A row whose probes wait for the bus as long as it takes. */
function patiently(row: Backend): Backend {
  if (row.name === "kwallet") return { ...row, probe: (host) => probeKWallet(host, PATIENT) };
  if (row.name !== "secret-service") return row;
  return {
    ...row,
    probe: (host) => probeSecretService(host, PATIENT),
    ...row.yieldsTo && { yieldsTo: (host) => whyYieldToKWallet(host, PATIENT) },
  };
}
