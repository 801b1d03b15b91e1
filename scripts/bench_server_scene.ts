/** Credential servers of the program, started for the bench in a separate home. */

import { Home } from "../tests/home.ts";
import { openServeHome, startServe } from "../tests/process/serving.ts";
import type { LoadTarget } from "./bench_load.ts";

/** A running server. */
export interface MeasuredServer extends AsyncDisposable {
  readonly pid: number;
  readonly target: LoadTarget;
  /** The environment of its child, by which the child finds the server. */
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
}

/** The servers, by the way they are started. */
export const SERVERS: Readonly<Record<string, () => Promise<MeasuredServer>>> = {
  "exec --server": () => startExec(["--server"], containerRequest),
  "serve": startServing,
  "exec --imds-port": () => startExec(["--imds-port", "0"], metadataRequest),
};

type Environment = ReadonlyMap<string, string>;

async function startExec(
  flags: readonly string[],
  target: (env: Environment) => Promise<LoadTarget>,
): Promise<MeasuredServer> {
  const home = await Home.open();
  home.write(".aws/config", "[profile work]\nregion = us-east-1\n");
  await home.as("work").succeed("add", "--env", "work");
  home.write("child", "cd; env >env; mkfifo go; echo ready >&2; read line <go");
  const program = home.start(["exec", ...flags, "work", "--", "sh", `${home.path}/child`]);
  await program.untilSaid("ready");
  const env = readEnvironment(home.read("env")!);
  return {
    pid: program.pid,
    target: await target(env),
    env: Object.fromEntries(env),
    home: home.path,
    async [Symbol.asyncDispose]() {
      await Deno.writeTextFile(`${home.path}/go`, "\n");
      await home[Symbol.asyncDispose]();
    },
  };
}

async function startServing(): Promise<MeasuredServer> {
  const home = await openServeHome();
  const { program, started: [grant] } = await startServe(home, "--grant", "bench=work");
  const { uri, token } = grant!;
  return {
    pid: program.pid,
    target: targetOf(uri, `Authorization: ${token}`),
    env: {
      ...home.env,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: uri,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
    },
    home: home.path,
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

function readEnvironment(text: string): Environment {
  return new Map(
    text.split("\n").map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function containerRequest(env: Environment): Promise<LoadTarget> {
  const token = env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  const url = env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")!;
  return Promise.resolve(targetOf(url, `Authorization: ${token}`));
}

async function metadataRequest(env: Environment): Promise<LoadTarget> {
  const base = env.get("AWS_EC2_METADATA_SERVICE_ENDPOINT")!;
  const token = await (await fetch(`${base}latest/api/token`, { method: "PUT" })).text();
  const url = `${base}latest/meta-data/iam/security-credentials/aws-vault`;
  return targetOf(url, `X-aws-ec2-metadata-token: ${token}`);
}

/** The request of a client that has the URL, and a header that authenticates it. */
export function targetOf(url: string, header: string): LoadTarget {
  const { hostname, port, host, pathname } = new URL(url);
  const request = `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n${header}\r\n\r\n`;
  return { hostname, port: Number(port), request };
}
