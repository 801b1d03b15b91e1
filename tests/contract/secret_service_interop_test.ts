import assert from "node:assert/strict";
import { openSecretServiceKeyring } from "../../backends/secret_service/keyring.ts";
import type { Keyring } from "../../src/keyring.ts";
import { requireService, runs } from "../services.ts";
import {
  GNOME_KEYRING_INSTALL,
  type GnomeKeyring,
  hasGnomeKeyring,
  startGnomeKeyring,
} from "../services/gnome_keyring.ts";
import { desktopHost } from "../services/session_bus.ts";

const { ignore } = requireService(
  "gnome-keyring with secret-tool and dbus-monitor",
  hasGnomeKeyring() && ["secret-tool", "dbus-monitor"].every((name) => runs("which", name)),
  GNOME_KEYRING_INSTALL,
);

const bytes = (text: string) => new TextEncoder().encode(text);
const OWN = "/org/freedesktop/secrets/collection/awsvault";
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const DATA = `{"AccessKeyID":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"${SECRET}"}`;
const item = { data: bytes(DATA), label: "aws-vault (größe)" };

async function withKeyring(
  body: (service: GnomeKeyring, keyring: Keyring) => Promise<void>,
  collection?: string,
): Promise<void> {
  await using service = await startGnomeKeyring();
  await service.createCollection(collection ?? "awsvault");
  const host = desktopHost(service.env);
  const keyring = openSecretServiceKeyring(host, { mayPrompt: false, collection });
  try {
    await body(service, keyring);
  } finally {
    keyring.close();
  }
}

async function secretTool(service: GnomeKeyring, args: string[], stdin = ""): Promise<string> {
  const child = new Deno.Command("secret-tool", {
    args,
    clearEnv: true,
    env: { ...service.env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(bytes(stdin));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test(
  "secret-tool reads what is stored, as the contract describes it",
  { ignore },
  async () => {
    await withKeyring(async (service, keyring) => {
      await keyring.set("größe", item);
      const text = await secretTool(service, ["lookup", "profile", "größe"]);
      assert.match(text, /^[\x20-\x7e]+$/);
      assert.deepEqual(JSON.parse(text), {
        Key: "größe",
        Data: item.data.toBase64(),
        Label: "aws-vault (größe)",
        Description: "",
        KeychainNotTrustApplication: true,
        KeychainNotSynchronizable: false,
      });
      const found = (await secretTool(service, ["search", "profile", "größe"])).split("\n");
      // gnome-keyring gives an item the general schema, and not at once.
      assert.deepEqual(found.filter((line) => !/^(created|modified|secret|schema) =/.test(line)), [
        "[/1]",
        "label = größe",
        "",
      ]);
    });
  },
);

Deno.test("an item in the default collection is read where there is no other", {
  ignore,
}, async () => {
  await using service = await startGnomeKeyring();
  const json = JSON.stringify({ Key: "work", Data: "b2xkIGRhdGE=" });
  await secretTool(service, ["store", "--label=work", "profile", "work"], json);
  await secretTool(service, ["store", "--label=Mail", "profile", "mail"], "not ours");
  const keyring = openSecretServiceKeyring(desktopHost(service.env), { mayPrompt: false });
  assert.deepEqual(await keyring.keys(), ["work"]);
  assert.deepEqual(await keyring.get("work"), bytes("old data"));
  await keyring.set("work", { ...item, data: bytes("new data") });
  await keyring.set("mail", { ...item, data: bytes("ours") });
  assert.deepEqual(await keyring.get("work"), bytes("new data"));
  assert.deepEqual((await keyring.keys()).sort(), ["mail", "work"]);
  assert.equal(await keyring.remove("work"), true);
  assert.equal(await keyring.has("work"), false);
  // Storing ours left the other program's alone.
  assert.match(await secretTool(service, ["search", "--all", "profile", "mail"]), /label = Mail/);
  keyring.close();
});

Deno.test("an item that is not an Item is damaged, and stays", { ignore }, async () => {
  await withKeyring(async (service, keyring) => {
    const store = ["store", "--label=work", `--collection=${OWN}`, "profile", "work"];
    for (const damaged of ["", "{", "[]", '{"Key":"home","Data":"eHl6"}']) {
      await secretTool(service, store, damaged);
      await assert.rejects(() => keyring.get("work"), { code: "damaged-item" });
    }
    assert.deepEqual(await keyring.keys(), ["work"]);
  });
});

Deno.test("a collection of any name is found again", { ignore }, async () => {
  for (const name of ["my_keys", "Schlüssel und mehr"]) {
    await withKeyring(async (service, keyring) => {
      assert.equal(keyring.location, `collection "${name}"`);
      await keyring.set("work", item);
      const again = openSecretServiceKeyring(desktopHost(service.env), {
        mayPrompt: false,
        collection: name,
      });
      assert.deepEqual(await again.get("work"), item.data);
      assert.deepEqual(await again.keys(), ["work"]);
      again.close();
      const elsewhere = openSecretServiceKeyring(desktopHost(service.env), { mayPrompt: false });
      assert.equal(await elsewhere.get("work"), undefined);
      elsewhere.close();
    }, name);
  }
});

Deno.test("no secret crosses the bus in the clear", { ignore }, async () => {
  await using service = await startGnomeKeyring();
  await service.createCollection("awsvault");
  const monitor = new Deno.Command("dbus-monitor", {
    args: ["--address", service.bus.address, "--binary"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = monitor.stdout.getReader();
  const host = desktopHost(service.env);
  const heard: Uint8Array[] = [];
  const hearUntil = async (word: string) => {
    while (!text(heard).includes(word)) heard.push((await reader.read()).value!);
  };
  // It speaks first of its own name, and hears all that comes after.
  await hearUntil("NameAcquired");
  const keyring = openSecretServiceKeyring(host, { mayPrompt: false });
  await keyring.set("work", item);
  assert.deepEqual(await keyring.get("work"), item.data);
  assert.equal(await keyring.has("the end"), false);
  keyring.close();
  await hearUntil("the end");
  monitor.kill("SIGKILL");
  await reader.cancel();
  await monitor.status;
  const all = text(heard);
  const count = (word: string) => all.split(word).length - 1;
  // One in 256 is closed again before it serves anything: see `finishKeyExchange`.
  const closed = count("org.freedesktop.Secret.Session");
  assert.equal(count("OpenSession"), 1 + closed, "one session serves all");
  assert.equal(count("dh-ietf1024-sha256-aes128-cbc-pkcs7"), 1 + closed);
  assert.ok(all.lastIndexOf("OpenSession") < all.indexOf("CreateItem"));
  assert.ok(count("CreateItem") > 0 && count("GetSecret") > 0 && count("profile") > 0);
  for (const clear of [SECRET, "AKIAIOSFODNN7EXAMPLE", item.data.toBase64(), "KeychainNot"]) {
    assert.ok(!all.includes(clear), clear);
  }
});

/** Bytes as text of one character a byte. */
function text(chunks: readonly Uint8Array[]): string {
  return chunks.map((chunk) => Array.from(chunk, (byte) => String.fromCharCode(byte)).join(""))
    .join("");
}

Deno.test(
  "a collection that was named and does not exist is empty, and not the default one",
  { ignore },
  async () => {
    await using service = await startGnomeKeyring();
    const host = desktopHost(service.env);
    // As another program stores it in the default collection.
    const stored = JSON.stringify({ Key: "work", Data: btoa(DATA), Label: "", Description: "" });
    await secretTool(service, ["store", "--label=work", "profile", "work"], stored);
    const open = (collection?: string) =>
      openSecretServiceKeyring(host, { mayPrompt: false, collection });
    const [usual, named] = [open(), open("elsewhere")];
    try {
      assert.deepEqual([await usual.keys(), await usual.has("work")], [["work"], true]);
      assert.deepEqual([await named.keys(), await named.has("work")], [[], false]);
    } finally {
      usual.close();
      named.close();
    }
  },
);

Deno.test(
  "what is stored under names whose collections cannot be made is kept apart",
  { ignore },
  async () => {
    await using service = await startGnomeKeyring();
    const host = desktopHost(service.env);
    const open = (collection?: string) =>
      openSecretServiceKeyring(host, { mayPrompt: false, collection });
    const names = [undefined, "home", "office"];
    const keyrings = names.map((name) => open(name));
    const seen = () => Promise.all(keyrings.map(async (one) => (await one.keys()).toSorted()));
    try {
      const [usual, home, office] = keyrings as [Keyring, Keyring, Keyring];
      await usual.set("work", item);
      assert.deepEqual(await seen(), [["work"], [], []]);
      assert.deepEqual([await home.has("work"), await home.remove("work")], [false, false]);
      await home.set("work", { ...item, data: new TextEncoder().encode("home's") });
      await home.set("private", item);
      assert.deepEqual(await seen(), [["work"], ["private", "work"], []]);
      assert.deepEqual([await usual.get("work"), await usual.has("private")], [item.data, false]);
      assert.equal(new TextDecoder().decode(await home.get("work")), "home's");
      assert.equal(await office.remove("work"), false);
      await service.lock("/org/freedesktop/secrets/collection/login");
      const acts = [home.keys(), home.get("work"), home.remove("work")];
      const refusals = acts.map((act) => assert.rejects(act, { code: "keyring-locked" }));
      await Promise.all(refusals);
      assert.deepEqual(await office.keys(), []);
    } finally {
      for (const one of keyrings) one.close();
    }
  },
);
