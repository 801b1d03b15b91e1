/**
 * Attacks on the keys that a typed passphrase leaves for the next items: to open what is stored, to keep
 * them beyond their minute, and to plant others.
 */

import assert from "node:assert/strict";
import { saltOf } from "../../backends/file/jwe.ts";
import { NEEDS_TERMINAL, play } from "../process/terminal_driver.ts";
import { type Home, KERNEL_KEYS, openHome, PASSPHRASE, TYPED } from "./login_session.ts";

const ADD = "aws-vault add --env --no-verify";
const OURS = `keyctl show @s | awk '/next-key/ { print $1 }'`;

/** Stores a key at a terminal, where the passphrase is typed, and gives what the script printed then. */
async function afterAdd(home: Home, script: string): Promise<string[]> {
  const { id, secret } = home.aws.user("dev").key;
  const env = {
    ...home.env,
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
  };
  const words = ["env", ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  const typed = `${ADD} typed && echo begin && { ${script}\n}`;
  const { code, terminal } = await play({
    argv: [...words, "keyctl", "session", "-", "sh", "-c", typed],
    steps: [{ expect: "Enter passphrase to unlock ", send: `${PASSPHRASE}\r` }],
  });
  assert.equal(code, 0, terminal);
  const lines = terminal.split("\r\n");
  return lines.slice(lines.indexOf("begin") + 1).filter((line) => line !== "");
}

function story(name: string, attack: (home: Home) => Promise<void>): void {
  Deno.test({
    name,
    ignore: KERNEL_KEYS.ignore || NEEDS_TERMINAL.ignore,
    async fn() {
      await using home = await openHome();
      await attack(home);
    },
  });
}

story("the keys for the next items open no item of the store", async (home) => {
  const said = await afterAdd(
    home,
    `for user in dev prod; do
       aws-vault export --no-session --no-prompt $user >/dev/null 2>&1 || echo "$user is locked"
     done`,
  );
  assert.deepEqual(said, ["dev is locked", "prod is locked"]);
});

story("the child of exec neither finds nor reaches the keys for the next items", async (home) => {
  const inside = `${home.store}/../child`;
  const { id, secret } = home.aws.user("dev").key;
  await Deno.writeTextFile(
    inside,
    `${OURS} | wc -l
     for key in $KEYS; do keyctl pipe $key; keyctl link $key @s; done 2>&1 | sort -u
     unset AWS_SESSION_TOKEN; export AWS_ACCESS_KEY_ID=${id} AWS_SECRET_ACCESS_KEY=${secret}
     ${ADD} --no-prompt inner 2>&1 | head -1`,
  );
  const said = await afterAdd(
    home,
    `KEYS=$(${OURS}); export KEYS; test -n "$KEYS" && aws-vault exec typed -- sh ${inside} 2>&1`,
  );
  assert.deepEqual(said.filter((line) => !line.startsWith("hint: ")), [
    "0",
    "keyctl_link: Permission denied",
    "keyctl_read_alloc: Permission denied",
    `error: Cannot open the file store "${home.store}": it needs a passphrase, and prompts are turned off`,
  ]);
});

story("nobody puts off the minute of a key for the next items, and lock ends all", async (home) => {
  const said = await afterAdd(
    home,
    `stash=$(keyctl newring stash @s)
     for key in $(${OURS}); do keyctl link $key $stash; done
     for key in $(keyctl rlist $stash); do
       keyctl timeout $key 0; keyctl setperm $key 0x3f3f3f3f; keyctl update $key planted
     done 2>&1 | sort -u
     aws-vault lock 2>&1
     for key in $(keyctl rlist $stash); do keyctl pipe $key 2>/dev/null; done | wc -c
     ${ADD} --no-prompt more 2>&1 | head -1`,
  );
  assert.deepEqual(said, [
    "keyctl_set_timeout: Permission denied",
    "keyctl_setperm: Permission denied",
    "keyctl_update: Permission denied",
    "Locked 2 items",
    "0",
    `error: Cannot open the file store "${home.store}": it needs a passphrase, and prompts are turned off`,
  ]);
});

story("a key for the next items that somebody planted is not sealed with", async (home) => {
  const said = await afterAdd(
    home,
    `for key in $(${OURS}); do
       name=$(keyctl rdescribe $key ';' | cut -d ';' -f 5); keyctl unlink $key @s
       head -c 160 /dev/zero | keyctl padd user "$name" @s >/dev/null
     done
     ${ADD} --no-prompt more 2>&1 | head -1`,
  );
  assert.deepEqual(said, [
    `error: Cannot open the file store "${home.store}": it needs a passphrase, and prompts are turned off`,
  ]);
});

story("a rotation does not begin with keys that can run out in the middle", async (home) => {
  const said = await afterAdd(
    home,
    `unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
     aws-vault rotate --no-session --no-prompt typed 2>&1 | head -1
     ${OURS} | wc -l`,
  );
  assert.deepEqual(said, [
    `error: Cannot open the file store "${home.store}": it needs a passphrase, and prompts are turned off`,
    "7",
  ]);
  const calls = home.aws.takeCalls();
  assert.deepEqual(calls.filter((call) => call.startsWith("CreateAccessKey")), []);
});

story(
  "no item is sealed with a passphrase of before, also once an old file is put back",
  async (home) => {
    const said = await afterAdd(
      home,
      `cp ${home.store}/typed ${home.store}/../old
     aws-vault change-passphrase ${TYPED} --new-passphrase-command 'echo another-horse' 2>&1
     cp ${home.store}/../old ${home.store}/typed
     ${ADD} --no-prompt more 2>&1 | head -1
     ls ${home.store} | grep -c more || true`,
    );
    assert.deepEqual(said.slice(-2), [
      `error: Cannot open the file store "${home.store}": it needs a passphrase, and prompts are turned off`,
      "0",
    ]);
  },
);

story("a child of exec cannot choose what the next item is sealed with", async (home) => {
  const salt = saltOf(await Deno.readTextFile(`${home.store}/dev`))!;
  const names = ["1", "2", "3", "4", "5", "6", "data-key"];
  for (const one of names) {
    const payload = new TextEncoder().encode("K".repeat(16) + one.padEnd(16, "S"));
    await Deno.writeFile(`${home.store}/../${one}`, new Uint8Array([...payload, ...salt]));
  }
  const plant = `for name in ${names.join(" ")}; do
    keyctl padd user aws-vault:next-key:600000:$name $SESSION <${home.store}/../$name; done >/dev/null`;
  await Deno.writeTextFile(`${home.store}/../plant`, plant);
  const { id, secret } = home.aws.user("prod").key;
  // The rights of the keyring that all processes of a user share which have no other.
  const said = await home.inSession(
    `SESSION=$(keyctl show @s | awk 'NR == 2 { print $1 }'); keyctl setperm $SESSION 0x1f3f0000
     export SESSION; aws-vault exec dev ${TYPED} -- sh ${home.store}/../plant
     ${OURS} | wc -l
     before=$(cksum ${home.store}/*)
     AWS_ACCESS_KEY_ID=${id} AWS_SECRET_ACCESS_KEY=${secret} ${ADD} --no-prompt more 2>&1 | head -1
     test "$before" = "$(cksum ${home.store}/*)" && echo unchanged`,
  );
  assert.deepEqual(said, [
    "7",
    `error: Cannot open the file store "${home.store}": it needs a passphrase, and prompts are turned off`,
    "unchanged",
  ]);
});

story("a locked key is not replaced in that minute without being kept", async (home) => {
  const said = await afterAdd(
    home,
    `before=$(cksum ${home.store}/dev ${home.store}/prod)
     for profile in dev prod; do ${ADD} --no-prompt --force $profile 2>&1 | head -1; done
     test "$before" = "$(cksum ${home.store}/dev ${home.store}/prod)" && echo unchanged`,
  );
  const locked =
    `error: Cannot open the file store "${home.store}": it needs a passphrase, and prompts are turned off`;
  assert.deepEqual(said, [locked, locked, "unchanged"]);
});
