/** A home with a profile for each source, whose ways out are judged by what AWS gave, and not by what was printed. */

import type { Host, ProgramRequest } from "../../src/host.ts";
import type { HttpRequest } from "../../src/http.ts";
import { systemHost } from "../../src/system/host.ts";
import { ScriptedTerminal } from "../fakes/scripted_terminal.ts";
import type { Finished } from "../home.ts";
import { ConsoleSignIn, SIGN_IN_HOST } from "../servers/console_sign_in.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import { PROVIDER } from "../servers/saml.ts";
import { Authority } from "../roles_anywhere/authority.ts";
import { startServe } from "../process/serving.ts";
import { SESSION, SsoHome } from "../sso/sso_home.ts";
import { ACCOUNT, PROFILES, renderProfiles } from "./profiles.ts";

const RECORD = ".awsvault/state/uses.jsonl";
/** What `--format=github-env` adds to. */
const GITHUB_ENV = "github-env";

/** What a run left behind, and what was handed out by it in whatever way. */
export interface Left extends Finished {
  readonly left: string;
}

export class RailsHome extends SsoHome {
  readonly signIn = new ConsoleSignIn(this.aws.world);
  /** The path at which the child asks the server of exec; its own by default. */
  asksForRole = "";
  /** What the child of exec had or was served. */
  #seen = "";
  #anywhere: Readonly<Record<string, string>> = {};
  #server: Promise<unknown> | undefined;

  static override async open(): Promise<RailsHome> {
    const home = new RailsHome(
      await startFakeAws({
        users: [{ name: "work" }, { name: "other" }, { name: "ann" }],
        roles: [
          { name: "admin" },
          { name: "job", subjects: ["a"] },
          { name: "fed", trusts: [PROVIDER] },
          { name: "backup", trusts: ["rolesanywhere.amazonaws.com"] },
        ],
        identityCenter: {},
      }),
    );
    home.aws.world.machine.change({ role: "job" });
    home.#certify();
    home.configure("");
    const roles = [`arn:aws:iam::${ACCOUNT}:role/fed`];
    home.write("assertion", home.aws.samlAssertion({ roles }));
    home.write("token", home.aws.webIdentityToken({ sub: "a" }));
    home.write("browser", '#!/bin/sh\nexec curl -sL "$1" > /dev/null\n', 0o700);
    Object.assign(home.env, {
      AWS_VAULT_BROWSER: `${home.path}/browser`,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: home.aws.url,
      AWS_METADATA_SERVICE_TIMEOUT: "60",
      GITHUB_ENV: `${home.path}/${GITHUB_ENV}`,
      // A server's socket has a short path on macOS.
      AWS_VAULT_STATE_DIR: `${home.path}/.awsvault/state`,
    });
    await home.#keepKeys();
    home.aws.takeCalls();
    return home;
  }

  #certify(): void {
    using authority = new Authority();
    authority.issue("leaf");
    const roles = [`arn:aws:iam::${ACCOUNT}:role/backup`];
    this.#anywhere = this.aws.world.rolesAnywhere.setUp(authority.root, roles);
    this.write("cert.pem", authority.withChain("leaf"));
    this.write("key.pem", authority.read("leaf.key"));
  }

  /** A key in the keystore, others in the credentials file, in a program and in the environment. */
  async #keepKeys(): Promise<void> {
    const { id: AccessKeyId, secret: SecretAccessKey } = this.aws.user("other").key;
    this.write("credentials.json", JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey }));
    await this.as("work").succeed("add", "--env", "work");
    const session = JSON.parse((await this.succeed("export", "--format=json", "work")).stdout);
    this.write(
      ".aws/credentials",
      `[static]\naws_access_key_id = ${AccessKeyId}\naws_secret_access_key = ${SecretAccessKey}\n` +
        `[session]\naws_access_key_id = ${session.AccessKeyId}\n` +
        `aws_secret_access_key = ${session.SecretAccessKey}\n` +
        `aws_session_token = ${session.SessionToken}\n`,
    );
    this.as("other");
  }

  /** Settings for every profile, in [default], from line 2 on. */
  configure(settings: string): void {
    const profiles = renderProfiles(this.path, this.#anywhere);
    this.write(".aws/config", `[default]\n${settings}\n${SESSION}\n${profiles}`);
  }

  /** Obtains all that there is without guard rails, so that it is in the cache. */
  async fillCache(): Promise<void> {
    for (const { name } of PROFILES) {
      const { code, stderr } = await this.leave(["export", "--format=json", name]);
      if (code !== 0) throw new Error(`${name}: ${stderr}`);
    }
  }

  /** Runs a way out, and gives what left by it: all that was printed, written, or that a program was served. */
  async leave(words: readonly string[], terminal = new ScriptedTerminal()): Promise<Left> {
    this.#seen = "";
    this.write(GITHUB_ENV, "");
    const finished = await this.runOn((host) => this.#changed(host, terminal), ...words);
    return { ...finished, left: finished.stdout + this.#seen + this.read(GITHUB_ENV) };
  }

  /**
   * Runs `serve`, and once it listens what is to be done there; then ends it. What is handed out is what
   * that gives.
   */
  async serve(
    words: readonly string[],
    act: (printed: string) => Promise<string>,
    terminal = new ScriptedTerminal(),
  ): Promise<Left> {
    const ended = Promise.withResolvers<"end">();
    let done = Promise.resolve("");
    let printed = "";
    const finished = await this.runOn((host) => {
      const changed = this.#changed(host, terminal);
      const write = (text: string) => {
        host.stdout.write(text);
        printed += text;
        if (!printed.includes("Serving on")) return;
        done = act(printed).finally(() => ended.resolve("end"));
      };
      return {
        ...changed,
        stdout: { ...host.stdout, write },
        signals: { catchEnd: () => Promise.resolve({ arrived: ended.promise, stop() {} }) },
      };
    }, ...words);
    return { ...finished, left: await done };
  }

  /** A server of all profiles, in a process of its own, from now on. */
  async serveAll(): Promise<void> {
    this.#server ??= startServe(this);
    await this.#server;
  }

  #changed(host: Host, terminal: ScriptedTerminal): Host {
    const programs = {
      ...host.programs,
      // The terminal is the test's, and no program could read from it.
      run: (request: ProgramRequest) => host.programs.run({ ...request, terminal: false }),
      replace: () => Promise.resolve(false as const),
      attend: async (_: string, __: readonly string[], env: Readonly<Record<string, string>>) => {
        this.#seen = await credentialsOfChild(env, this.asksForRole);
        return 0;
      },
    };
    // A browser and a server take their time; what is tested is never waited for.
    const { sleep } = systemHost().clock;
    const now = () => Temporal.Now.instant().add({ milliseconds: this.movedMs });
    const monotonicMs = () => performance.now() + this.movedMs;
    const send = (request: HttpRequest) =>
      host.http.send({ ...request, url: request.url.replace(SIGN_IN_HOST, this.signIn.url) });
    return { ...host, programs, terminal, clock: { now, monotonicMs, sleep }, http: { send } };
  }

  /** The line of the record that was written last. */
  lastUse(): Record<string, unknown> {
    return JSON.parse((this.read(RECORD) ?? "").trimEnd().split("\n").at(-1)!);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.signIn[Symbol.asyncDispose]();
    await super[Symbol.asyncDispose]();
  }
}

/** What a program with these variables gets. */
async function credentialsOfChild(
  env: Readonly<Record<string, string>>,
  path: string,
): Promise<string> {
  const uri = env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
  if (uri !== undefined) {
    const url = path === "" ? uri : new URL(uri).origin + path;
    return await askContainer(url, env["AWS_CONTAINER_AUTHORIZATION_TOKEN"]!);
  }
  const metadata = env["AWS_EC2_METADATA_SERVICE_ENDPOINT"];
  const key = env["AWS_ACCESS_KEY_ID"];
  return key ?? await askMachine(`${metadata!.replace(/\/$/, "")}/latest`);
}

/** The answer of a container credential endpoint, once it no longer says that credentials are being obtained. */
export async function askContainer(url: string, authorization: string): Promise<string> {
  while (true) {
    const text = await (await fetch(url, { headers: { authorization } })).text();
    if (!text.includes("New credentials are being obtained; ask again")) return text;
  }
}

async function askMachine(base: string): Promise<string> {
  const ttl = { "x-aws-ec2-metadata-token-ttl-seconds": "60" };
  const token = await (await fetch(`${base}/api/token`, { method: "PUT", headers: ttl })).text();
  const headers = { "x-aws-ec2-metadata-token": token };
  const roles = `${base}/meta-data/iam/security-credentials/`;
  const role = await (await fetch(roles, { headers })).text();
  return await (await fetch(roles + role, { headers })).text();
}
