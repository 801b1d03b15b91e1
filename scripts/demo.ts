/**
 * Shows the main job without an AWS account: `deno task demo`.
 *
 * Uses a fake AWS on loopback, which checks signatures as AWS does, and a throw-away home folder. A
 * key is stored in the encrypted file store, a command gets temporary credentials, and a second
 * command gets them from the cache. Exits with 1 if any of this fails.
 */

import { type FakeAws, startFakeAws } from "../tests/servers/fake_aws.ts";

const PROGRAM = ["run", "-A", "-q", "--no-prompt", new URL("../main.ts", import.meta.url).href];
const SHOW_ENVIRONMENT = Deno.build.os === "windows" ? ["cmd", "/c", "set"] : ["env"];

if (import.meta.main) Deno.exit(await demo());

async function demo(): Promise<number> {
  await using aws = await startFakeAws({ users: [{ name: "demo" }] });
  const home = Deno.makeTempDirSync({ prefix: "aws-vault-demo-" });
  try {
    say(`A fake AWS answers at ${aws.url}; the home folder is ${home}. Both are gone afterwards.`);
    return await play(aws, home) ? 0 : 1;
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

/** Runs the three commands, and returns whether they did what they should. */
async function play(aws: FakeAws, home: string): Promise<boolean> {
  const { id, secret } = aws.user("demo").key;
  const env = environment(aws, home);
  say("\nStore a long-term key in the keystore; --env takes it from the environment:");
  const keyVariables = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
  const added = await runProgram(["add", "--env", "work"], { ...env, ...keyVariables });
  show(added);
  say("\nRun a command with temporary credentials made from it:");
  const first = await runProgram(["exec", "work", "--", ...SHOW_ENVIRONMENT], env);
  show(first);
  const firstCalls = reportCalls(aws);
  say("\nRun it again: the same credentials come out of the encrypted cache:");
  const second = await runProgram(["exec", "work", "--", ...SHOW_ENVIRONMENT], env);
  show(second);
  const secondCalls = reportCalls(aws);
  const [firstId, secondId] = [first, second].map(temporaryKeyId);
  return check("the key is stored", added.success) &&
    check("the command got temporary credentials", firstId !== undefined) &&
    check("AWS was called once for them", firstCalls === 1) &&
    check("the second command got the same ones", firstId === secondId) &&
    check("AWS was not called for the second", secondCalls === 0);
}

interface Ran {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

async function runProgram(args: string[], env: Record<string, string>): Promise<Ran> {
  say(`$ aws-vault ${args.join(" ")}`);
  const command = new Deno.Command(Deno.execPath(), {
    args: [...PROGRAM, ...args],
    env,
    clearEnv: true,
    stdin: "null",
  });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** This machine's environment without AWS's variables, with a separate home and passphrase. */
function environment(aws: FakeAws, home: string): Record<string, string> {
  const kept = Object.entries(Deno.env.toObject()).filter(([name]) => !/^_?AWS_/i.test(name));
  return {
    ...Object.fromEntries(kept),
    DENO_DIR: runtimeCache(),
    HOME: home,
    USERPROFILE: home,
    AWS_VAULT_BACKEND: "file",
    AWS_VAULT_FILE_PASSPHRASE: crypto.randomUUID(),
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: "us-east-1",
  };
}

/** The runtime's module cache, which it would otherwise look for in the throw-away home. */
function runtimeCache(): string {
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

/** Prints AWS's variables and the program's output; of each secret only the beginning. */
function show({ stdout, stderr }: Ran): void {
  const variables = stdout.split(/\r?\n/).filter((line) => /^AWS_/.test(line)).sort();
  for (const line of variables) say(`  ${line.replace(/^(AWS_SE.*?=.{6})(.+)$/, shorten)}`);
  for (const line of stderr.split("\n").filter((line) => line !== "")) say(`  ${line}`);
}

function shorten(_: string, start: string, rest: string): string {
  return `${start}… (${rest.length} more characters)`;
}

function reportCalls(aws: FakeAws): number {
  const calls = aws.takeCalls();
  say(calls.length === 0 ? "AWS saw no call" : `AWS saw: ${calls.join(", ")}`);
  return calls.length;
}

function temporaryKeyId({ stdout }: Ran): string | undefined {
  return /^AWS_ACCESS_KEY_ID=(ASIA\w{16})\r?$/m.exec(stdout)?.[1];
}

function check(what: string, holds: boolean): boolean {
  if (!holds) console.error(`\nThe demo failed: it is not so that ${what}`);
  return holds;
}

function say(text: string): void {
  console.log(text);
}
