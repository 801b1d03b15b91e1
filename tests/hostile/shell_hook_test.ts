/** What is in a shell's environment is not ours alone: the hook runs nothing of it. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { needsShell, ShellHome, SHELLS, type TestShell } from "../process/shells.ts";

/** Each would make a file `pwned`, where something runs it. */
const CODE = [
  "x[$(touch pwned)]",
  "$(touch pwned)",
  "(touch pwned)",
  "`touch pwned`",
  "'; touch pwned; '",
  "1; touch pwned",
  "%(?.$(touch pwned).)",
];

const NAME = "odd$(touch pwned)`touch pwned`%F;touch pwned";

async function openHome(shell: TestShell): Promise<ShellHome & AsyncDisposable> {
  const home = await Home.open();
  await home.as("work").succeed("add", "--env", "--no-add-config", "work");
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) delete home.env[name];
  home.write(
    ".aws/config",
    `[profile work]\nregion = $(touch pwned)\n[profile ${NAME}]\nsource_profile = work\nrole_arn = arn:aws:iam::111122223333:role/x\n`,
  );
  home.env["AWS_REGION"] = "us-east-1";
  home.write("hook", (await home.succeed("shell-hook", shell.name)).stdout);
  return Object.assign(new ShellHome(home, shell), {
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  });
}

/** Runs a script in a home, with variables; gives what it printed. */
async function run(
  { home, shell, words }: ShellHome,
  lines: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  // The program itself looks at the environment only where there is a profile of exec in it.
  const load = "AVS_UNTIL" in env || "AVS_KEY" in env ? "source ~/hook" : shell.load("");
  home.write("script", [load, ...lines].join("\n"));
  const [program = "", ...args] = words.call({ home }, shell.words[0]!, `${home.path}/script`);
  const { stdout } = await new Deno.Command(program, {
    args,
    env: { ...env },
    clearEnv: true,
    cwd: home.path,
    stderr: "null",
  }).output();
  assert.equal(home.read("pwned"), undefined, JSON.stringify(env));
  return new TextDecoder().decode(stdout);
}

for (const shell of SHELLS) {
  Deno.test(
    `the hook of ${shell.name} runs nothing of its environment`,
    needsShell(shell),
    async () => {
      await using place = await openHome(shell);
      const show = shell.name === "fish" ? 'echo "$AVS_SEGMENT"' : 'echo "${AVS_SEGMENT-}"';
      const lines = ["__avs_prompt", show];
      const state = { AWS_ACCESS_KEY_ID: "AKIAX", AVS_KEY: "AKIAX", AVS_LABEL: "x" };
      const hostile = CODE.flatMap((code) => [
        { ...state, AVS_UNTIL: code },
        { ...state, AVS_UNTIL: "1", AVS_WORDS: code },
        { ...state, AVS_LABEL: code },
        { ...state, AVS_KEY: code },
        { AWS_VAULT: code, AWS_ACCESS_KEY_ID: code, AWS_CREDENTIAL_EXPIRATION: code },
      ]);
      for (const env of hostile) {
        // One file of many lines would not show which of them it was.
        const set = Object.entries(env).map(([name, value]) => [name, value] as const);
        await run(place, lines, Object.fromEntries(set));
      }
      // Another key than that of the profile is not shown as its own.
      const other = { ...state, AWS_ACCESS_KEY_ID: "AKIAOTHER", AVS_UNTIL: "99999999999" };
      assert.equal(await run(place, lines, other), "\n");
    },
  );

  Deno.test(`avs in ${shell.name} evaluates no help, name or note`, needsShell(shell), async () => {
    await using place = await openHome(shell);
    const quoted = `'${NAME}'`;
    assert.match(await run(place, ["avs --help", `avs ${quoted}`, "__avs_prompt"]), /^USAGE\n/);
    const before = JSON.stringify({
      PATH: "/nowhere",
      LD_PRELOAD: "x",
      AWS_PROFILE: "$(touch pwned)'`touch pwned`",
      "AWS_X;touch pwned": "x",
    });
    const show = 'printf "%s|%s|%s\\n" "$PATH" "$LD_PRELOAD" "$AWS_PROFILE"';
    const shown = await run(place, ["avs --off", show], { AVS_BEFORE: before, AVS_KEY: "x" });
    assert.equal(shown, `${place.home.path}/bin:/usr/bin:/bin||$(touch pwned)'\`touch pwned\`\n`);
  });
}
