/**
 * What USAGE.md says of containers, with a network namespace in place of one: it has a loopback of
 * its own and no way to this machine's.
 */

import assert from "node:assert/strict";
import { requireNamespace } from "../process/namespace.ts";
import { openServeHome, startServe, whose } from "../process/serving.ts";
import { requireService, runs } from "../services.ts";
import { buildClient, requireClient } from "./sdks/build_client.ts";
import { SDK_CLIENTS } from "./sdks/clients.ts";

const USAGE = Deno.readTextFileSync(new URL("../../USAGE.md", import.meta.url));
const BOTO3 = SDK_CLIENTS.find(({ name }) => name === "boto3")!;

const needs = [
  requireNamespace(),
  requireClient(BOTO3),
  requireService("socat", runs("socat", "-V"), "apt-get install socat"),
  requireService("curl", runs("curl", "--version"), "apt-get install curl"),
];

/** A line of a shell that USAGE.md has, with the test's own folder and port. */
function lineOf(pattern: RegExp, folder: string, port: string): string {
  const found = pattern.exec(USAGE)?.[0];
  assert(found !== undefined, `USAGE.md has no line ${pattern}`);
  // The port first: the folder's random name may have its digits.
  return found.replaceAll("9911", port).replaceAll("$HOME/.aws-box", folder)
    .replaceAll("/aws-box/", `${folder}/`);
}

/** Runs a script in a container's place, whose processes all end with it, and gives what it printed. */
async function inContainer(script: string, env: Readonly<Record<string, string>>) {
  const { stdout, stderr } = await new Deno.Command("unshare", {
    args: ["--net", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", script],
    env: { PATH: Deno.env.get("PATH") ?? "", ...env },
    clearEnv: true,
    stdin: "null",
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).trimEnd().split("\n");
}

/** The variables of a file for `docker run --env-file`. */
function parseEnvFile(text: string): Record<string, string> {
  const lines = text.trimEnd().split("\n");
  return Object.fromEntries(lines.map((line) => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
  }));
}

Deno.test({
  name:
    "a container with a network of its own gets one profile by the socket that USAGE.md hands in",
  ignore: needs.some(({ ignore }) => ignore),
  async fn() {
    await using home = await openServeHome();
    const serving = await startServe(home, "work", "admin");
    const { port } = new URL(serving.url);
    const { stdout } = await home.succeed("grant", "admin", "--for", "1h", "--format=docker-env");
    const folder = `${home.path}/box`;
    Deno.mkdirSync(folder, { mode: 0o700 });
    const outside = lineOf(/socat UNIX-LISTEN:\S+ TCP:\S+/, folder, port);
    const inside = lineOf(/socat TCP-LISTEN:\S+ UNIX-CONNECT:\S+/, folder, port);
    const relay = new Deno.Command("sh", { args: ["-c", `exec ${outside}`] }).spawn();
    try {
      const { words } = await buildClient(BOTO3);
      const ask = `curl -s -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN"`;
      const said = await inContainer(
        `ip link set lo up
         ${ask} $AWS_CONTAINER_CREDENTIALS_FULL_URI; echo alone: $?
         until socat -u /dev/null UNIX-CONNECT:${folder}/credentials.sock 2>/dev/null; do :; done
         ${inside} &
         until ${ask} -o ${home.path}/got $AWS_CONTAINER_CREDENTIALS_FULL_URI; do :; done
         cat ${home.path}/got; echo
         ${ask} -o /dev/null -w '%{http_code}\\n' ${serving.url}/profile/work
         echo | ${words.join(" ")}`,
        { ...parseEnvFile(stdout), HOME: "/nonexistent" },
      );
      assert.equal(said.length, 4, said.join("\n"));
      const [alone, got, other, sdk] = said;
      // curl's exit code for a connection that nobody takes.
      assert.deepEqual([alone, other], ["alone: 7", "403"]);
      const { AccessKeyId, Token } = JSON.parse(got!);
      assert.equal(whose(home, AccessKeyId, Token), "assumed-role/admin");
      assert.equal(sdk!.split(" ")[0], AccessKeyId);
    } finally {
      relay.kill("SIGTERM");
      await relay.status;
    }
  },
});

Deno.test("the examples of USAGE.md for containers name variables that grant prints", async () => {
  const section = USAGE.slice(USAGE.indexOf("### Containers and sandboxes"));
  const json = JSON.parse(/```json\n(.*?)```/s.exec(section)![1]!);
  await using home = await openServeHome();
  await startServe(home);
  const { stdout } = await home.succeed("grant", "work", "--format=docker-env");
  const printed = Object.keys(parseEnvFile(stdout));
  const named = Object.keys(json.remoteEnv);
  assert.deepEqual(named.filter((name) => !printed.includes(name)), []);
  const local = Object.values<string>(json.remoteEnv).flatMap((value) =>
    [...value.matchAll(/\$\{localEnv:(\w+)\}/g)].map(([, name]) => name!)
  );
  assert.deepEqual(local, [
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  ]);
});
