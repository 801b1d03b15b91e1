/**
 * Measures how long an SDK waits for credentials: from a server, and from a `credential_process`.
 *
 *     AWS_VAULT_BIN=PATH deno run -A scripts/bench_sdk.ts [TIMES]
 *
 * One process each of boto3 and of the SDK for JavaScript obtains credentials 100 times without
 * keeping them, first from `serve`, then from a new process each time, both with a cached session.
 */

import { buildClient } from "../tests/interop/sdks/build_client.ts";
import { SDK_CLIENTS } from "../tests/interop/sdks/clients.ts";
import { type MeasuredServer, SERVERS } from "./bench_server_scene.ts";

type Environment = Readonly<Record<string, string>>;

/** Times each call, in milliseconds. */
async function time(words: readonly string[], times: number, env: Environment): Promise<number> {
  const [program = "", ...args] = words;
  const options = { args: [...args, `${times}`], env: { ...env }, clearEnv: true };
  const { success, stdout, stderr } = await new Deno.Command(program, options).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return Number(new TextDecoder().decode(stdout)) / times;
}

/** The environment in which the SDK uses a profile with the `credential_process` instead. */
async function withProcess({ env, home }: MeasuredServer, program: string): Promise<Environment> {
  const config = `${home}/process-config`;
  const line = `credential_process = ${program} export --format=json work`;
  await Deno.writeTextFile(config, `[profile by-process]\n${line}\n[profile work]\n`);
  const kept = Object.entries(env).filter(([name]) => !name.startsWith("AWS_CONTAINER_"));
  const passphrase = { AWS_VAULT_FILE_PASSPHRASE: "correct-horse-battery-staple" };
  return {
    ...Object.fromEntries(kept),
    ...passphrase,
    AWS_CONFIG_FILE: config,
    AWS_PROFILE: "by-process",
  };
}

async function main(): Promise<void> {
  const times = Number(Deno.args[0] ?? 100);
  const program = Deno.realPathSync(Deno.env.get("AWS_VAULT_BIN")!);
  await using server = await SERVERS["serve"]!();
  const PATH = Deno.env.get("PATH") ?? "";
  const byServer = { ...server.env, PATH };
  const byProcess = { ...await withProcess(server, program), PATH };
  for (const client of SDK_CLIENTS) {
    const { many } = await buildClient(client);
    if (many === undefined) continue;
    const [fromServer, fromProcess] = [
      await time(many, times, byServer),
      await time(many, times, byProcess),
    ];
    console.log(
      `${client.name}, ${times} times: ${fromServer.toFixed(1)} ms from the server, ` +
        `${fromProcess.toFixed(1)} ms by credential_process`,
    );
  }
}

if (import.meta.main) await main();
