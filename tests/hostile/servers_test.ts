/** What credential servers answer to requests that their clients would not send. */

import { Home } from "../home.ts";
import { type AttackedServer, testAttacks } from "./attacked_server.ts";
import type { Target } from "./server_requests.ts";

/** A server of `exec` that a test asks, for as long as its child waits for a line. */
class ExecServer implements AttackedServer {
  readonly home: Home;
  readonly target: Target;

  constructor(home: Home, target: Target) {
    this.home = home;
    this.target = target;
  }

  static async open(kind: Target["kind"]): Promise<ExecServer> {
    const home = await Home.open();
    home.write(".aws/config", "[profile work]\nregion = us-east-1\n");
    await home.as("work").succeed("add", "--env", "work");
    home.write("child", "cd; env >env; mkfifo go; echo ready >&2; read line <go");
    const flags = kind === "container" ? ["--server"] : ["--imds-port", "0"];
    const program = home.start(["exec", ...flags, "work", "--", "sh", `${home.path}/child`]);
    await program.untilSaid("ready");
    const env = new Map(
      home.read("env")!.split("\n").map((line) => {
        const at = line.indexOf("=");
        return [line.slice(0, at), line.slice(at + 1)];
      }),
    );
    return new ExecServer(home, kind === "container" ? container(env) : await metadata(env));
  }

  secrets(): string[] {
    return [...this.home.aws.secrets(), this.target.proof.value];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.writeTextFile(`${this.home.path}/go`, "\n");
    await this.home[Symbol.asyncDispose]();
  }
}

function container(env: ReadonlyMap<string, string>): Target {
  const { hostname, port } = new URL(env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")!);
  const value = env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")!;
  const proof = { name: "Authorization", value };
  return { kind: "container", hostname, port: Number(port), path: "/", proof };
}

async function metadata(env: ReadonlyMap<string, string>): Promise<Target> {
  const base = env.get("AWS_EC2_METADATA_SERVICE_ENDPOINT")!;
  const { hostname, port } = new URL(base);
  const value = await (await fetch(`${base}latest/api/token`, { method: "PUT" })).text();
  return {
    kind: "metadata",
    hostname,
    port: Number(port),
    path: "/latest/meta-data/iam/security-credentials/aws-vault",
    proof: { name: "X-aws-ec2-metadata-token", value },
  };
}

testAttacks("exec --server", () => ExecServer.open("container"));
testAttacks("exec --imds-port", () => ExecServer.open("metadata"));
