/** Builds a client of `clients.ts`: once, and beside the clone, as long as its sources are the same. */

import { requireService, runs } from "../../services.ts";
import { startEnvironment } from "../../services/start_environment.ts";
import type { SdkClient } from "./clients.ts";

const HERE = new URL(".", import.meta.url).pathname;

/** A client that can be started. */
export interface BuiltClient {
  readonly client: SdkClient;
  readonly words: readonly string[];
  /** The program that is timed, where there is one. */
  readonly many: readonly string[] | undefined;
}

/** Whether a client can be built here, for the test that uses it: on Linux, as the words of the table are. */
export function requireClient({ name, needs: [command, install] }: SdkClient): { ignore: boolean } {
  if (Deno.build.os !== "linux") return { ignore: true };
  const [program = "", ...args] = command;
  return requireService(name, runs(program, ...args), install);
}

/**
 * The words that start a client, built where that was not done yet; other processes wait in the meantime.
 *
 * The folder is `AWS_VAULT_CI_CACHE`, else that of `.ci/run`; a build is of one processor and gives way.
 */
export async function buildClient(client: SdkClient): Promise<BuiltClient> {
  const source = `${HERE}${client.folder}`;
  const folder = `${cacheFolder()}/sdks`;
  await Deno.mkdir(folder, { recursive: true });
  const target = `${folder}/${client.folder}-${await hashOf(client, source)}`;
  using lock = await Deno.open(`${target}.lock`, { create: true, write: true });
  await lock.lock(true);
  if (!await exists(`${target}/.built`)) {
    await Deno.remove(target, { recursive: true }).catch(() => {});
    await Deno.mkdir(target);
    for (const words of client.build(source, target)) await build(client, words);
    await Deno.writeTextFile(`${target}/.built`, "");
  }
  const [words, many] = [client.words(source, target), client.many?.(source, target)];
  return { client, words, many };
}

function cacheFolder(): string {
  const { AWS_VAULT_CI_CACHE, XDG_CACHE_HOME, HOME } = Deno.env.toObject();
  return AWS_VAULT_CI_CACHE ?? `${XDG_CACHE_HOME ?? `${HOME}/.cache`}/aws-vault-ci`;
}

async function build(client: SdkClient, words: readonly string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("nice", {
    args: ["-n", "10", ...words],
    env: startEnvironment(),
    stdin: "null",
  }).output();
  if (success) return;
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  throw new Error(`${client.name} cannot be built: ${words.join(" ")}: ${said.slice(-2000)}`);
}

/** Of names and contents of all sources, and of how they are built. */
async function hashOf(client: SdkClient, source: string): Promise<string> {
  const paths = [...filesBelow(source)].toSorted();
  const texts = paths.map((path) => `${path.slice(HERE.length)}\n${Deno.readTextFileSync(path)}`);
  const how = JSON.stringify(client.build("source", "target"));
  const bytes = new TextEncoder().encode([how, ...texts].join("\n"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.toHex().slice(0, 16);
}

function* filesBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* filesBelow(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
