/**
 * Attacks from inside `exec`: what was unlocked for one profile, or beside it, must not open a
 * long-term key to the child.
 */

import assert from "node:assert/strict";
import { DATA_KEY_NAME } from "../../src/keyring.ts";
import { KERNEL_KEYS, openHome, TYPED } from "./login_session.ts";

const LONG_TERM = "aws-vault export --no-session --no-prompt";
const NO_PERSON = (home: { store: string }) =>
  `error: Cannot open the file store "${home.store}": it needs a passphrase, and prompts are turned off`;
/** What is ours in the session keyring, by kind. */
const SHOWN = `keyctl show @s | sed -n 's/.*user: \\(aws-vault:[a-z-]*\\):.*/\\1/p' | sort`;

function story(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ...KERNEL_KEYS, fn });
}

/** Writes a script that the child runs, so that its quotes are not the outer shell's. */
async function child(home: { store: string }, script: string): Promise<string> {
  const path = `${home.store}/../child`;
  await Deno.writeTextFile(path, script);
  return `sh ${path}`;
}

story("the child of exec uses cached sessions and exports no long-term key", async () => {
  await using home = await openHome();
  const inside = await child(
    home,
    `aws-vault export --no-prompt dev >/dev/null && echo cached
     ${LONG_TERM} prod 2>&1 | head -1
     ${LONG_TERM} dev 2>&1 | head -1
     ${SHOWN}`,
  );
  const said = await home.inSession(
    `aws-vault exec ${TYPED} dev -- ${inside}
     ${LONG_TERM} dev >/dev/null && echo 'the shell beside keeps what it had'
     ${LONG_TERM} prod 2>&1 | head -1
     ${SHOWN}`,
  );
  assert.deepEqual(said, [
    "cached",
    NO_PERSON(home),
    NO_PERSON(home),
    "aws-vault:data-key",
    "the shell beside keeps what it had",
    NO_PERSON(home),
    "aws-vault:data-key",
    "aws-vault:kek",
  ]);
});

story("an unlock beside a running child does not reach into it, nor unlock --all", async () => {
  await using home = await openHome();
  const go = `${home.store}/../go`;
  const inside = await child(
    home,
    `if test "$1" = wait; then while ! test -e ${go}; do :; done; fi
     ${LONG_TERM} prod 2>&1 | head -1; ${SHOWN}
     keyctl link @us @s 2>/dev/null; ${LONG_TERM} prod 2>&1 | head -1`,
  );
  const said = await home.inSession(
    `aws-vault exec ${TYPED} dev -- true
     aws-vault exec dev -- ${inside} wait &
     aws-vault unlock --all ${TYPED} 2>&1
     ${LONG_TERM} prod >/dev/null && echo 'open beside it'
     touch ${go}; wait
     aws-vault exec dev -- ${inside}`,
  );
  const shutOut = [NO_PERSON(home), "aws-vault:data-key", NO_PERSON(home)];
  assert.deepEqual(said, ["Unlocked 3 items for 15m", "open beside it", ...shutOut, ...shutOut]);
});

story("the child does not reach the login session's keys by their numbers", async () => {
  await using home = await openHome();
  const inside = await child(
    home,
    `keyctl print $KEYS 2>&1
     for key in $KEYS $SESSION; do
       keyctl link $key @s; keyctl setperm $key 0x3f3f3f3f; keyctl search $key user x
     done 2>&1 | sort -u`,
  );
  const said = await home.inSession(
    `aws-vault export ${TYPED} --no-session dev >/dev/null
     KEYS=$(keyctl show @s | awk '/user: aws-vault:kek/ { print $1 }')
     SESSION=$(keyctl show @s | awk 'NR == 2 { print $1 }')
     export KEYS SESSION
     aws-vault exec ${TYPED} dev -- ${inside}`,
  );
  assert.deepEqual(said, [
    "keyctl_read_alloc: Permission denied",
    "keyctl_link: Permission denied",
    "keyctl_search: Permission denied",
    "keyctl_setperm: Permission denied",
  ]);
});

story("exec within exec works with cached sessions, and asks for a long-term key", async () => {
  await using home = await openHome();
  const inside = await child(
    home,
    `aws-vault exec --no-prompt dev -- echo nested
     aws-vault exec --no-prompt prod -- echo never 2>&1 | grep -v ^hint
     aws-vault exec ${TYPED} prod -- echo asked 2>/dev/null`,
  );
  const said = await home.inSession(`aws-vault exec ${TYPED} dev -- ${inside}`);
  assert.deepEqual(said, [
    "nested",
    NO_PERSON(home),
    'note: Inside the environment of profile "dev"; it is replaced by that of "prod"',
    "asked",
  ]);
});

story("a session keyring that others can join keeps the data key alone", async () => {
  await using home = await openHome();
  const name = `aws-vault-test-${crypto.randomUUID()}`;
  const use = `aws-vault export ${TYPED} --no-session dev >/dev/null; ${LONG_TERM} dev >/dev/null`;
  const first = await home.inSession(`${use}; echo $?`, { name });
  assert.deepEqual(first.filter((line) => !/^(error|hint): /.test(line)), ["4"]);
  assert.deepEqual(await home.inSession(`${use}; echo $?`), ["0"]);
  const unlocked = await home.inSession(
    `aws-vault export ${TYPED} dev >/dev/null; aws-vault unlock --all ${TYPED} 2>&1; ${SHOWN}`,
    { name: `${name}-2` },
  );
  assert.deepEqual(unlocked, [
    "Unlocked 3 items for 15m",
    "warning: This process has no session keyring of its own: everything that runs as you can now " +
    "use the keys, including children of exec",
    "aws-vault:data-key",
    "aws-vault:kek",
    "aws-vault:kek",
  ]);
});

story("the child keeps what others left in the session keyring", async () => {
  await using home = await openHome();
  const said = await home.inSession(
    `keyctl add user krb-like theirs @s >/dev/null
     aws-vault exec ${TYPED} dev -- sh -c 'keyctl pipe $(keyctl search @s user krb-like)'`,
  );
  assert.deepEqual(said, ["theirs"]);
});

story(
  "lock ends the data key in children, too, and unlock opens cached sessions alone",
  async () => {
    await using home = await openHome();
    const said = await home.inSession(
      `aws-vault unlock ${TYPED} 2>&1
     aws-vault export ${TYPED} dev >/dev/null; aws-vault lock 2>&1
     aws-vault unlock --for 1h ${TYPED} 2>&1; ${SHOWN}
     ${LONG_TERM} dev 2>&1 | head -1
     aws-vault exec --no-prompt dev -- sh -c '
       aws-vault lock 2>&1; aws-vault export --no-prompt dev 2>&1 | head -1'
     ${SHOWN}; aws-vault lock 2>&1
     aws-vault unlock --for 0 2>&1; aws-vault --backend=keyctl unlock 2>&1`,
    );
    assert.deepEqual(said, [
      "There are no cached sessions yet to unlock",
      "Locked 2 items",
      "Unlocked the cached sessions for 1h",
      "aws-vault:data-key",
      NO_PERSON(home),
      "Locked 1 item",
      NO_PERSON(home),
      "Nothing was unlocked",
      "error: Cannot unlock for less than a second: --for must be 1s or more",
      'error: Cannot unlock back end "keyctl": its own system decides how long it stays unlocked',
      "hint: file can be unlocked: --backend=file",
    ]);
  },
);

story("what somebody planted as the opened data key damages nothing", async () => {
  await using home = await openHome();
  const said = await home.inSession(
    `aws-vault export ${TYPED} dev >/dev/null; cp -r ${home.store} ${home.store}-before
     for key in $(keyctl show @s | awk '/user: aws-vault:data-key/ { print $1 }'); do
       name=$(keyctl rdescribe $key ';' | cut -d ';' -f 5); keyctl unlink $key @s
       keyctl add user $name 'no key of anything, and long enough' @s >/dev/null
     done
     aws-vault export ${TYPED} dev >/dev/null; diff -r ${home.store} ${home.store}-before && echo same`,
  );
  assert.deepEqual(said, ["same"], DATA_KEY_NAME);
});
