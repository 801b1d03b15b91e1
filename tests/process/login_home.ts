import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { ConsoleSignIn } from "../servers/console_sign_in.ts";

const ROLE = "arn:aws:iam::111122223333:role/admin";

const CONFIG = `
[profile work]
region = eu-west-1
[profile admin]
source_profile = work
role_arn = ${ROLE}
region = us-east-1
[profile chained]
source_profile = admin
role_arn = arn:aws:iam::111122223333:role/audit
`;

/** A home with a key, and the sign-in service of its AWS. */
export class LoginHome implements AsyncDisposable {
  readonly home: Home;
  readonly signIn: ConsoleSignIn;

  constructor(home: Home) {
    this.home = home;
    this.signIn = new ConsoleSignIn(home.aws.world);
    home.env["AWS_ENDPOINT_URL_SIGNIN"] = this.signIn.url;
    delete home.env["AWS_REGION"];
    home.write(".aws/config", CONFIG);
  }

  static async open(): Promise<LoginHome> {
    const home = await Home.open({
      stsRegions: "any",
      roles: [{ name: "admin", maxSessionSeconds: 43_200 }, { name: "audit", trusts: [ROLE] }],
    });
    await home.as("work").succeed("add", "--env", "--no-add-config", "work");
    delete home.env["AWS_ACCESS_KEY_ID"];
    delete home.env["AWS_SECRET_ACCESS_KEY"];
    home.aws.takeCalls();
    return new LoginHome(home);
  }

  /** Prints the address and follows it; gives the console's page that it ends on. */
  async follow(...words: readonly string[]): Promise<string | null> {
    const { code, stdout, stderr } = await this.home.start(["login", "--stdout", ...words])
      .finished;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^http:\S+\n$/);
    const response = await fetch(stdout.trim(), { redirect: "manual" });
    await response.body?.cancel();
    return response.headers.get("location");
  }

  /** Puts a role's credentials into the environment of what follows. */
  async asRole(): Promise<void> {
    const { stdout } = await this.home.succeed("export", "--format=json", "admin");
    const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(stdout);
    Object.assign(this.home.env, {
      AWS_ACCESS_KEY_ID: AccessKeyId,
      AWS_SECRET_ACCESS_KEY: SecretAccessKey,
      AWS_SESSION_TOKEN: SessionToken,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.signIn[Symbol.asyncDispose]();
    await this.home[Symbol.asyncDispose]();
  }
}
