/**
 * Goes through docs/macos.md with a person at a Mac: `deno run -A scripts/try_keychain.ts PROGRAM`.
 *
 * Uses a separate keychain and home folder, which are both removed afterwards, and removes the one
 * key that it puts into the login keychain, also after Ctrl-C. Exits with 1 if a step fails, or if
 * something could not be undone.
 */

import { type Ended, EXAMPLE_KEY, type Mac, type Step, STEPS, undo } from "./try_keychain_steps.ts";

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A Mac for the steps, whose calls end when the person interrupts, and one to undo them. */
export interface Trial {
  readonly mac: Mac;
  readonly undoing: Mac;
  readonly interruption: AbortSignal;
}

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main([program]: readonly string[]): Promise<number> {
  if (Deno.build.os !== "darwin" || program === undefined) {
    console.error("error: This is for a Mac: deno run -A scripts/try_keychain.ts PROGRAM");
    return 2;
  }
  const path = Deno.realPathSync(program);
  const home = Deno.makeTempDirSync({ prefix: "aws-vault-try-" });
  try {
    return await tryAll(openTrial(path, home), STEPS, console.log);
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

/** Runs the steps, undoes them in every case, and returns the exit code. */
export async function tryAll(
  { mac, undoing, interruption }: Trial,
  steps: readonly Step[],
  say: (line: string) => void,
): Promise<number> {
  let failures = 0;
  for (const step of steps) {
    say(`\n${step.name}${step.tell === undefined ? "" : `\n  ${step.tell}`}`);
    const failed = await step.run(mac).catch(String);
    if (interruption.aborted) break;
    say(failed === undefined ? "  ok" : `  FAILED: ${failed}`);
    if (failed !== undefined) failures++;
  }
  const left = await undo(undoing);
  const undone = left.length === 0 ? "Undone" : `NOT UNDONE: ${left.join(", ")}`;
  const counts = `${steps.length - failures} ok, ${failures} failed`;
  const tried = interruption.aborted ? "Interrupted" : counts;
  say(`\n${tried}. ${undone}; docs/macos.md has the rest.`);
  return interruption.aborted || failures + left.length > 0 ? 1 : 0;
}

function openTrial(program: string, home: string): Trial {
  const controller = new AbortController();
  const interrupt = () => controller.abort(new Error("interrupted"));
  for (const name of ENDING) Deno.addSignalListener(name, interrupt);
  const undoing = openMac(program, home, new AbortController().signal);
  const mac = openMac(program, home, controller.signal);
  return { mac, undoing, interruption: controller.signal };
}

function openMac(program: string, home: string, interruption: AbortSignal): Mac {
  const real = Deno.env.get("HOME") ?? "";
  const env = { HOME: home, AWS_VAULT_BACKEND: "keychain", ...EXAMPLE_KEY };
  return {
    keychain: `${home}/try.keychain-db`,
    login: `${real}/Library/Keychains/login.keychain-db`,
    awsVault: (...args) => run(program, args, env, interruption),
    security: (...args) => run("/usr/bin/security", args, {}, interruption),
    confirm: (question) => ask(question, interruption),
  };
}

async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Ended> {
  signal.throwIfAborted();
  const options: Deno.CommandOptions = { args: [...args], env: { ...env }, stdin: "null", signal };
  const command = new Deno.Command(program, options);
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Not `confirm()`, during which no signal is seen. */
async function ask(question: string, interruption: AbortSignal): Promise<boolean> {
  console.log(`  ${question} [y/N]`);
  interruption.throwIfAborted();
  const answer = new Uint8Array(100);
  const interrupted = new Promise<never>((_, reject) => {
    interruption.addEventListener("abort", () => reject(interruption.reason));
  });
  await Promise.race([Deno.stdin.read(answer), interrupted]);
  return /^y/i.test(new TextDecoder().decode(answer));
}
