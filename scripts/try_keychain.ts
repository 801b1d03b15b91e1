/**
 * Goes through docs/macos.md with a person at a Mac: `deno run -A scripts/try_keychain.ts PROGRAM`.
 *
 * Uses a separate keychain and home folder, which are both removed afterwards, and removes the one
 * key that it puts into the login keychain. Exits with 1 if a step fails.
 */

import { type Ended, EXAMPLE_KEY, type Mac, type Step, STEPS, undo } from "./try_keychain_steps.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main([program]: readonly string[]): Promise<number> {
  if (Deno.build.os !== "darwin" || program === undefined) {
    console.error("error: This is for a Mac: deno run -A scripts/try_keychain.ts PROGRAM");
    return 2;
  }
  const home = Deno.makeTempDirSync({ prefix: "aws-vault-try-" });
  try {
    return await tryAll(openMac(Deno.realPathSync(program), home), STEPS, console.log);
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

/** Runs the steps, undoes them in every case, and returns the exit code. */
export async function tryAll(
  mac: Mac,
  steps: readonly Step[],
  say: (line: string) => void,
): Promise<number> {
  let failures = 0;
  try {
    for (const step of steps) {
      say(`\n${step.name}${step.tell === undefined ? "" : `\n  ${step.tell}`}`);
      const failed = await step.run(mac).catch(String);
      say(failed === undefined ? "  ok" : `  FAILED: ${failed}`);
      if (failed !== undefined) failures++;
    }
  } finally {
    await undo(mac);
  }
  say(`\n${steps.length - failures} ok, ${failures} failed. Undone; docs/macos.md has the rest.`);
  return failures === 0 ? 0 : 1;
}

function openMac(program: string, home: string): Mac {
  const real = Deno.env.get("HOME") ?? "";
  const env = { HOME: home, AWS_VAULT_BACKEND: "keychain", ...EXAMPLE_KEY };
  return {
    keychain: `${home}/try.keychain-db`,
    login: `${real}/Library/Keychains/login.keychain-db`,
    awsVault: (...args) => run(program, args, env),
    security: (...args) => run("/usr/bin/security", args, {}),
    confirm: (question) => Promise.resolve(confirm(`  ${question}`)),
  };
}

async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const command = new Deno.Command(program, { args: [...args], env: { ...env }, stdin: "null" });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
