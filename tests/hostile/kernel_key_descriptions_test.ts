/**
 * Attacks on what is kept in the kernel's session keyring: by what is next to a payload, and by
 * what can be done with a key.
 */

import assert from "node:assert/strict";
import { KERNEL_KEYS, openHome, TYPED } from "./login_session.ts";

/** The serial numbers of our keys in the session. */
const OURS = `keyctl show @s | awk '/user: aws-vault:/ { print $1 }'`;
const PASSED = "AWS_VAULT_FILE_PASSPHRASE=correct-horse-battery-staple";

function story(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ...KERNEL_KEYS, fn });
}

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(hash).toHex();
}

/** What an attacker who has the file of an item, and not its passphrase, knows of it. */
async function publicDescriptions(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(path);
  const { p2s, p2c } = JSON.parse(
    new TextDecoder().decode(Uint8Array.fromBase64(text.split(".")[0]!, { alphabet: "base64url" })),
  );
  const salt = Uint8Array.fromBase64(p2s, { alphabet: "base64url" }).toHex();
  return [
    `aws-vault:kek:${await sha256(`${p2c} ${salt}`)}`,
    `aws-vault:data-key:${await sha256(text)}`,
  ];
}

story("a key's description is made of nothing but what stands in the item's file", async () => {
  await using home = await openHome();
  const shown = await home.inSession(
    `${PASSED} aws-vault export dev >/dev/null; aws-vault export ${TYPED} --no-session prod >/dev/null
     keyctl show @s | sed -n 's/.*user: //p'`,
  );
  const known = new Set<string>();
  for await (const { name } of Deno.readDir(home.store)) {
    for (const one of await publicDescriptions(`${home.store}/${name}`)) known.add(one);
  }
  assert.notDeepEqual(shown, []);
  assert.deepEqual(shown.filter((description) => !known.has(description)), []);
});

story("lock ends a key in every keyring that somebody linked it to", async () => {
  await using home = await openHome();
  const [unlocked, locked, ...rest] = await home.inSession(
    `aws-vault export ${TYPED} --no-session dev >/dev/null
     stash=$(keyctl newring stash @s)
     for key in $(${OURS}); do keyctl link $key $stash; done
     read_all() { for key in $1; do keyctl pipe $key 2>/dev/null; done | wc -c; }
     keys=$(keyctl rlist $stash)
     test "$(read_all "$keys")" -gt 0 && echo read
     aws-vault lock 2>/dev/null
     read_all "$keys"`,
  );
  assert.deepEqual([unlocked, locked, rest], ["read", "0", []]);
});

story("nobody puts off a key's end, writes into it, or opens it to others", async () => {
  await using home = await openHome();
  const refused = await home.inSession(
    `aws-vault export ${TYPED} --no-session dev >/dev/null
     for key in $(${OURS}); do
       keyctl timeout $key 0 2>&1; keyctl setperm $key 0x3f3f3f3f 2>&1
       keyctl update $key planted 2>&1
       awk -v key=$(printf %08x $key) '$1 == key { print $4 == "perm" ? "without an end" : $5 }' /proc/keys
     done`,
  );
  const each = [
    "keyctl_set_timeout: Permission denied",
    "keyctl_setperm: Permission denied",
    "keyctl_update: Permission denied",
    "1b000000",
  ];
  assert.deepEqual(refused.slice(0, 4), each);
  assert.deepEqual(
    refused.slice(4),
    Array.from({ length: refused.length / 4 - 1 }, () => each).flat(),
  );
});

story("a wrong passphrase in the environment is refused while the store is unlocked", async () => {
  await using home = await openHome();
  const said = await home.inSession(
    `${PASSED} aws-vault export --no-session dev >/dev/null
     aws-vault export --no-session --no-prompt dev >/dev/null && echo unlocked
     AWS_VAULT_FILE_PASSPHRASE=guess aws-vault export --no-session dev 2>&1 | head -1`,
  );
  assert.deepEqual(said, [
    "unlocked",
    `error: Cannot unlock the file store "${home.store}": the passphrase is wrong`,
  ]);
});
