import assert from "node:assert/strict";
import { openKWalletKeyring } from "../../backends/kwallet/keyring.ts";
import { openSecretServiceKeyring } from "../../backends/secret_service/keyring.ts";
import type { Keyring } from "../../src/keyring.ts";
import { requireService } from "../services.ts";
import {
  GNOME_KEYRING_INSTALL,
  hasGnomeKeyring,
  startGnomeKeyring,
} from "../services/gnome_keyring.ts";
import { hasKWallet, KWALLET_INSTALL, startKWallet } from "../services/kwallet.ts";
import { desktopHost } from "../services/session_bus.ts";
import { buildGoKeyring, GoKeyring, requireGoKeyring } from "./go_keyring.ts";

const KEYS = ["work", "team/prod", "größe 🔑", "a,b c", "oidc:https://example.awsapps.com/start"];
const go = requireGoKeyring();
const bytes = (text: string) => new TextEncoder().encode(text);

/** Each reads, lists, replaces and removes what the other wrote. */
async function shareStore(ours: Keyring, theirs: GoKeyring): Promise<void> {
  for (const key of KEYS) await theirs.set(key, `aws-vault (${key})`, bytes(`theirs: ${key}`));
  assert.deepEqual((await ours.keys()).sort(), [...KEYS].sort());
  for (const key of KEYS) {
    assert.deepEqual(await ours.get(key), bytes(`theirs: ${key}`));
    const item = { data: bytes(`ours: ${key}`), label: `aws-vault (${key})` };
    await ours.set(key, { ...item, publicName: "0123456789abcdef" });
  }
  assert.deepEqual((await theirs.keys()).sort(), [...KEYS].sort());
  for (const key of KEYS) {
    assert.deepEqual(await theirs.get(key), {
      Key: key,
      Data: bytes(`ours: ${key}`).toBase64(),
      Label: `aws-vault (${key})`,
      Description: "",
      KeychainNotTrustApplication: true,
      KeychainNotSynchronizable: false,
    });
  }
  await theirs.set("a,b c", "aws-vault (a,b c)", bytes("theirs again"));
  assert.deepEqual(await ours.get("a,b c"), bytes("theirs again"));
  assert.deepEqual((await ours.keys()).sort(), [...KEYS].sort());
  assert.equal(await theirs.remove("work"), true);
  assert.equal(await ours.has("work"), false);
  assert.equal(await ours.remove("team/prod"), true);
  assert.equal(await theirs.get("team/prod"), undefined);
}

Deno.test({
  name: "the Go library and we share a collection of the Secret Service",
  ignore: go.ignore ||
    requireService("gnome-keyring", hasGnomeKeyring(), GNOME_KEYRING_INSTALL).ignore,
  fn: async () => {
    await using service = await startGnomeKeyring();
    await service.createCollection("awsvault");
    const theirs = new GoKeyring(await buildGoKeyring(), ["-backend=secret-service"], service.env);
    const ours = openSecretServiceKeyring(desktopHost(service.env), { mayPrompt: false });
    await shareStore(ours, theirs);
    ours.close();
  },
});

Deno.test({
  name: "the Go library and we share a wallet",
  ignore: go.ignore || requireService("kwalletd5", hasKWallet(), KWALLET_INSTALL).ignore,
  fn: async () => {
    await using service = await startKWallet();
    await service.openWallet();
    const theirs = new GoKeyring(await buildGoKeyring(), ["-backend=kwallet"], service.env);
    const ours = openKWalletKeyring(desktopHost(service.env), { mayPrompt: false });
    await shareStore(ours, theirs);
    ours.close();
  },
});
