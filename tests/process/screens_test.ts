/**
 * Whole screens in real terminals of 40, 80 and 200 columns, compared with those of `tests/screens`.
 * `SCREENS_UPDATE=1` writes what is shown, for reading before it is committed.
 */

import assert from "node:assert/strict";
import { groupSeed, makeSeedDialog, qrModules } from "../../src/prompt/seed_dialog.ts";
import { Secret } from "../../src/secret.ts";
import { Home } from "../home.ts";
import { requireService, runs } from "../services.ts";
import { TmuxWindow } from "../services/tmux.ts";
import { writeProgram } from "../services/write_program.ts";
import { launcher } from "./launch.ts";

const NEEDS_TMUX = Deno.build.os === "windows"
  ? { ignore: true }
  : requireService("tmux", runs("tmux", "-V"), "apt-get install tmux");

const NEEDS_BASH_IN_TMUX = {
  ignore: NEEDS_TMUX.ignore ||
    requireService("bash", runs("bash", "--version"), "apt-get install bash").ignore,
};

const CONFIG = `[default]
region = eu-west-1

[profile work]
mfa_serial = arn:aws:iam::111122223333:mfa/work
[profile admin]
source_profile = work
role_arn = arn:aws:iam::111122223333:role/a-role-with-a-long-name
mfa_serial = arn:aws:iam::111122223333:mfa/work
[profile 日本語の名前]
source_profile = admin
role_arn = arn:aws:iam::444455556666:role/reader
[profile with-an-unknown-setting]
regoin = eu-west-1
`;

/** What a person does: waits for a text, and presses keys. */
type Step = readonly [wait: string | RegExp, ...keys: string[]];

/**
 * A command line, and what is done at it; the screen is the one at its end, or after the last wait, which is
 * for what is written last: a terminal shows it bit by bit.
 */
interface Screen {
  readonly name: string;
  readonly line: string;
  readonly steps?: readonly Step[];
  readonly until?: string | RegExp;
  readonly asksAws?: true;
}

const SCREENS: readonly Screen[] = [
  { name: "help", line: "aws-vault help" },
  { name: "help_exec", line: "aws-vault exec --help" },
  { name: "help_mfa", line: "aws-vault help mfa" },
  { name: "list", line: "aws-vault list" },
  { name: "list_long", line: "aws-vault list --long" },
  { name: "list_tree", line: "aws-vault list --tree" },
  { name: "explain", line: "aws-vault explain admin" },
  { name: "doctor", line: "aws-vault doctor --offline || true" },
  { name: "picker", line: "aws-vault explain", until: /of 5\)\n[^]*with-an-unknown-set(ting|…)\n/ },
  {
    name: "picker_filtered",
    line: "aws-vault explain",
    steps: [["of 5)", "wi h"]],
    until: /wi h \(1 of 5\)\n> with-an-unknown-set(ting|…)\n$/,
  },
  { name: "picker_given_up", line: "aws-vault explain", steps: [["of 5)", "C-c"]] },
  {
    name: "prompt_code",
    line: "aws-vault exec admin -- true",
    steps: [["Enter MFA code", "12345", "Enter"]],
    until: /six digits[^]*mfa\/work:/,
  },
  {
    name: "prompt_code_refused",
    line: "aws-vault exec admin -- true",
    steps: [["Enter MFA code", "000000", "Enter"], [/did not[^]*mfa\/work:/, "C-c"]],
    asksAws: true,
  },
  {
    name: "setup",
    line: "printf '[plain]\\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\\n" +
      "aws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY\\n' >credentials; " +
      "aws-vault setup",
    steps: [["in the keystore?", "Enter"], ["Remove the plain keys", "n", "Enter"]],
  },
  {
    name: "prompt_key",
    line: "aws-vault add new",
    steps: [
      ["Access Key ID", "not an id", "Enter"],
      [/has only letters[^]*Access Key ID:/, "AKIAIOSFODNN7EXAMPLE", "Enter"],
      ["Secret Access Key", "never-shown", "C-c"],
    ],
  },
];

for (const columns of [40, 80, 200]) {
  for (const screen of SCREENS) {
    Deno.test({
      ...NEEDS_TMUX,
      name: `the screen of ${screen.name} at ${columns} columns`,
      fn: () => compare(screen, columns),
    });
  }
}

async function compare(screen: Screen, columns: number) {
  const keys = [{ id: "AKIAIOSFODNN7EXAMPLE" }];
  await using home = await Home.open({ users: [{ name: "work", keys, mfa: [{}] }] });
  using pane = await openPane(home, screen, columns);
  for (const [wait, ...keys] of screen.steps ?? []) {
    await pane.until(wait);
    pane.press(...keys);
  }
  const shown = steady(await pane.until(screen.until ?? /\[exit \d+\]/));
  const path = new URL(`../screens/${screen.name}_${columns}.txt`, import.meta.url);
  if (Deno.env.get("SCREENS_UPDATE") === "1") Deno.writeTextFileSync(path, shown);
  assert.equal(shown, Deno.readTextFileSync(path));
}

/** Paths are relative, so that they are the same everywhere. */
async function openPane(home: Home, screen: Screen, columns: number): Promise<TmuxWindow> {
  home.write("config", CONFIG);
  const places = { AWS_VAULT_FILE_DIR: "keys", AWS_VAULT_STATE_DIR: "state" };
  for (const [name, folder] of Object.entries(places)) home.env[name] = `${home.path}/${folder}`;
  await home.as("work").succeed("add", "--env", "--no-add-config", "work");
  Deno.mkdirSync(`${home.path}/bin`);
  writeProgram(`${home.path}/bin/aws-vault`, launcher());
  const {
    AWS_ACCESS_KEY_ID: _id,
    AWS_SECRET_ACCESS_KEY: _secret,
    AWS_ENDPOINT_URL: url = "",
    ...env
  } = home.env;
  return new TmuxWindow(screen.line, {
    columns,
    rows: 24,
    cwd: home.path,
    env: {
      ...env,
      ...places,
      ...screen.asksAws && { AWS_ENDPOINT_URL: url },
      PATH: `${home.path}/bin:/usr/bin:/bin`,
      AWS_CONFIG_FILE: "config",
      AWS_SHARED_CREDENTIALS_FILE: "credentials",
      AWS_VAULT_PASS_PASSWORD_STORE_DIR: "store",
    },
  });
}

/** Without what is of this machine and of the table of back ends: which other keystores there are. */
function steady(screen: string): string {
  return screen.replace(/^Back end (?!file)\S+: [^]*?\n(?=\S)(?=Back end|State folder)/gm, "");
}

Deno.test({
  ...NEEDS_TMUX,
  name: "mfa enroll shows the code of the device that AWS made, and leaves nothing of it",
  async fn() {
    await using home = await Home.open({ users: [{ name: "work" }] });
    const screen = {
      name: "",
      line: "aws-vault mfa enroll --no-session work",
      asksAws: true,
    } as const;
    using pane = await openPane(home, screen, 80);
    await pane.until("Scan with your authenticator app");
    const [device] = home.aws.world.unassigned;
    const uri = new Secret(`otpauth://totp/AWS:work@111122223333?secret=${device!.secret}`);
    const modules = await qrModules(uri);
    const { serial } = device!;
    const dialog = makeSeedDialog({ serial, seed: new Secret(device!.secret), modules });
    const drawn = dialog.render({ columns: 80, rows: 24 });
    // A terminal shows what is written bit by bit.
    const shown = await pane.until(drawn.at(-1)!);
    assert.deepEqual(shown.trimEnd().split("\n"), drawn);
    pane.press("s");
    assert((await pane.until("Enter this key")).includes(groupSeed(new Secret(device!.secret))));
    pane.resize(40, 24);
    assert((await pane.until("Enter this key in your authenticator\n")).includes(serial));
    pane.press("s");
    pane.press("Enter");
    await pane.until("Enter MFA code for");
    // Codes of one moment: if its 30 seconds end between two, one code is left out.
    const now = Date.now();
    pane.press(device!.codeAt(now, -1), "Enter");
    await pane.until("Enter the next code");
    pane.press(device!.codeAt(now), "Enter");
    const left = await pane.until("[exit 0]");
    assert(!left.includes("Enter this key") && !/[█▀▄]/.test(left), left);
    assert(left.includes("Enabled MFA device"), left);
    const config = Deno.readTextFileSync(`${home.path}/config`);
    assert.match(config, /\[profile work\]\nmfa_serial = arn:aws:iam::111122223333:mfa\/work\n/);
  },
});

for (
  const [what, line, until] of [
    ["a question", "aws-vault exec admin -- true", "Enter MFA code"],
    ["a hidden question", "aws-vault add new", "Access Key ID"],
    ["the picker", "aws-vault explain", "of 5)"],
  ] as const
) {
  Deno.test({
    ...NEEDS_BASH_IN_TMUX,
    name: `Ctrl-Z stops ${what} with the terminal as it was, and fg asks again`,
    async fn() {
      await using home = await Home.open({ users: [{ name: "work", mfa: [{}] }] });
      // Its history would be written while the home is removed.
      const shell = "HISTFILE= PS1='$ ' exec bash --norc --noprofile -i";
      using pane = await openPane(home, { name: "", line: shell, asksAws: true }, 80);
      await pane.until("$");
      // Right after its prompt the shell can lose a character: let it be a space.
      pane.press(`    stty -a >before; ${line}`, "Enter");
      await pane.until(until);
      pane.press("C-z");
      await pane.until("Stopped");
      await pane.until("\n$");
      pane.press("    stty -a >stopped; cmp before stopped && echo same", "Enter");
      await pane.until("\nsame");
      await pane.until("\nsame\n$");
      pane.press("    fg", "Enter");
      await pane.until(new RegExp(`\\$ +fg\\n[^]*${RegExp.escape(until)}`));
      pane.press("C-c");
      await pane.until("error: Interrupted\n$");
      pane.press("    stty -a >after; cmp before after && echo restored", "Enter");
      await pane.until("\nrestored");
    },
  });
}
