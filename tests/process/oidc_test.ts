/**
 * A CI job without a profile, keystore, passphrase or home folder: the token of its CI system is
 * exchanged for a role, and nothing is left behind.
 */

import assert from "node:assert/strict";
import { Folder } from "../folder.ts";
import { type FakeAws, startFakeAws } from "../servers/fake_aws.ts";
import { headerValues, type WireRequest, WireServer } from "../servers/http.ts";
import { writeProgram } from "../services/write_program.ts";
import { holds } from "../stories/leaks.ts";
import { launch } from "./launch.ts";

const POSIX = { ignore: Deno.build.os === "windows" };
const ROLE = "arn:aws:iam::111122223333:role/deploy";
const BEARER = "the-runners-own-token";
const PRINT = ["--", "sh", "-c", 'echo "$AWS_ACCESS_KEY_ID $AWS_VAULT $AWS_REGION"'];

/** A job: its empty working folder, and an AWS whose role `deploy` trusts `repo:a`. */
class Job implements AsyncDisposable {
  readonly aws: FakeAws;
  readonly folder = new Folder();
  readonly token: string;
  /** The requests that the runner saw. */
  readonly asked: WireRequest[] = [];
  readonly #runner: WireServer;
  answer: { status: number; body: string };

  constructor(aws: FakeAws) {
    this.aws = aws;
    this.token = aws.webIdentityToken({ sub: "repo:a" });
    this.answer = { status: 200, body: JSON.stringify({ count: 1, value: this.token }) };
    this.#runner = new WireServer((request) => {
      this.asked.push(request);
      const headers = { "content-type": "application/json" };
      return Promise.resolve({ ...this.answer, headers });
    });
  }

  static async start(): Promise<Job> {
    const roles = [{ name: "deploy", subjects: ["repo:a"] }];
    return new Job(await startFakeAws({ users: [], roles }));
  }

  /** What a runner of GitHub Actions sets. */
  get github(): Record<string, string> {
    return {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${this.#runner.url}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: BEARER,
    };
  }

  /** Runs the program with these variables, `PATH` and the fake AWS alone. */
  async run(words: readonly string[], env: Readonly<Record<string, string>>) {
    const place = { AWS_ENDPOINT_URL: this.aws.url, AWS_REGION: "us-east-1" };
    const tmp = { TMPDIR: this.folder.path, HOME: this.folder.path };
    const finished = await launch(words, { ...place, ...tmp, ...env }).finished;
    for (const secret of [this.token, BEARER]) {
      assert(!holds(finished.stdout + finished.stderr, secret), "a token is printed");
    }
    return finished;
  }

  left(): string[] {
    return [...Deno.readDirSync(this.folder.path)].map(({ name }) => name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.folder[Symbol.dispose]();
    await this.#runner[Symbol.asyncDispose]();
    await this.aws[Symbol.asyncDispose]();
  }
}

const words = (provider: string, ...more: readonly string[]) => [
  ...["exec", "--oidc", provider, "--role-arn", ROLE],
  ...more,
];

Deno.test(
  "exec --oidc github sends the runner's token, unsigned, and leaves no file",
  POSIX,
  async () => {
    await using job = await Job.start();
    const { code, stdout, stderr } = await job.run(words("github", ...PRINT), job.github);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^ASIA\w{16} oidc:github us-east-1\n$/);
    const [request, ...others] = job.asked;
    assert.deepEqual(others, []);
    assert.equal(request?.target, "/token?api-version=2.0&audience=sts.amazonaws.com");
    assert.deepEqual(headerValues(request, "authorization"), [`Bearer ${BEARER}`]);
    assert.deepEqual(job.aws.takeCalls(), [
      "AssumeRoleWithWebIdentity deploy by token/repo:a for 3600s",
    ]);
    assert.deepEqual(job.left(), []);
  },
);

Deno.test("exec --oidc takes each CI system's token from where it is", POSIX, async () => {
  await using job = await Job.start();
  using files = new Folder();
  const { token } = job;
  Deno.writeTextFileSync(`${files.path}/token`, `${token}\n`);
  const programs = { PATH: `${files.path}:${Deno.env.get("PATH")}` };
  for (const name of ["buildkite-agent", "circleci"]) {
    const script = `#!/bin/sh\necho "${name} $*" >> ${files.path}/runs\ncat ${files.path}/token\n`;
    writeProgram(`${files.path}/${name}`, script);
  }
  const cases: [string[], Record<string, string>][] = [
    [["gitlab"], { GITLAB_OIDC_TOKEN: token }],
    [["circleci"], { CIRCLE_OIDC_TOKEN_V2: token, CIRCLE_OIDC_TOKEN: "older" }],
    [["circleci"], { CIRCLE_OIDC_TOKEN: token }],
    [["circleci", "--audience", "it's mine"], programs],
    [["buildkite"], programs],
    [["buildkite", "--audience=mine"], programs],
    [["bitbucket"], { BITBUCKET_STEP_OIDC_TOKEN: token }],
    [["env:MINE"], { MINE: token }],
    [[`file:${files.path}/token`], {}],
    [[`cmd:cat '${files.path}/token'`], {}],
  ];
  for (const [[provider = "", ...flags], env] of cases) {
    const { code, stdout, stderr } = await job.run(words(provider, ...flags, ...PRINT), env);
    const name = provider.replace(/:.*/, "");
    assert.deepEqual([code, stderr], [0, ""], provider);
    assert.match(stdout, new RegExp(`^ASIA\\w{16} oidc:${name} us-east-1\n$`));
  }
  assert.equal(job.aws.takeCalls().length, cases.length);
  assert.equal(
    Deno.readTextFileSync(`${files.path}/runs`),
    'circleci oidc get --claims {"aud":"it\'s mine"}\n'.replace("circleci", "circleci run") +
      "buildkite-agent oidc request-token --audience sts.amazonaws.com\n" +
      "buildkite-agent oidc request-token --audience mine\n",
  );
  assert.deepEqual(job.left(), []);
});

Deno.test("exec --oidc says what is missing, and runs nothing", POSIX, async () => {
  await using job = await Job.start();
  const { github } = job;
  const cases: [string[], Record<string, string>, number, string][] = [
    [
      words("github"),
      {},
      3,
      "error: Cannot get a token of GitHub Actions: ACTIONS_ID_TOKEN_REQUEST_URL and " +
      "ACTIONS_ID_TOKEN_REQUEST_TOKEN are not set\n" +
      "hint: Add to the job: permissions: {id-token: write, contents: read}\n",
    ],
    [
      words("github"),
      { ...github, ACTIONS_ID_TOKEN_REQUEST_URL: "http://runner.example/token" },
      2,
      "error: Cannot understand ACTIONS_ID_TOKEN_REQUEST_URL: it is not an https URL\n",
    ],
    [
      words("gitlab"),
      {},
      3,
      "error: Cannot get a token: GITLAB_OIDC_TOKEN is not set\n" +
      "hint: Add to the job: id_tokens: {GITLAB_OIDC_TOKEN: {aud: sts.amazonaws.com}}\n" +
      "hint: To use a token with another name: --oidc env:NAME\n",
    ],
    [
      words("bitbucket", "--audience=x"),
      {},
      2,
      "error: Cannot use --audience with --oidc bitbucket: the audience of its token is set by " +
      "the repository's OpenID Connect settings\n",
    ],
    [
      words("env:MINE"),
      { MINE: `${job.token}\n${job.token}` },
      1,
      "error: There is no token in the variable MINE: it has white space or line breaks\n",
    ],
    [
      words("file:/dev/null"),
      {},
      1,
      'error: There is no token in "/dev/null": it is empty\n',
    ],
    [
      words("file:/no/token"),
      {},
      1,
      'error: Cannot get a token: there is no file "/no/token"\n',
    ],
    [
      words("jenkins"),
      {},
      2,
      'error: Cannot understand --oidc "jenkins"\nhint: Use one of: github, gitlab, circleci, ' +
      "buildkite, bitbucket, env:NAME, file:PATH, cmd:COMMAND\n",
    ],
    [
      ["exec", "--oidc", "github"],
      github,
      2,
      "error: Cannot use --oidc without a role\n" +
      "hint: Name the role with --role-arn, or with AWS_ROLE_ARN\n",
    ],
    [
      ["exec", "--oidc", "github", "--role-arn", "deploy"],
      github,
      2,
      'error: Cannot understand --role-arn "deploy"\n' +
      "hint: Write arn:aws:iam::111122223333:role/NAME, or 111122223333:NAME\n",
    ],
    [
      ["exec", "--oidc", "github", "--role-arn", ROLE, "work"],
      github,
      2,
      'error: Cannot use profile "work" with --oidc\n' +
      "hint: The role is named by --role-arn; a command goes after --\n",
    ],
  ];
  for (const [line, env, code, stderr] of cases) {
    const finished = await job.run([...line, "--", "true"], env);
    assert.deepEqual(finished, { code, stdout: "", stderr });
  }
  assert.deepEqual([job.aws.takeCalls(), job.asked], [[], []]);
});

Deno.test("a refused token is described, and never shown", POSIX, async () => {
  await using job = await Job.start();
  const other = job.aws.webIdentityToken({ sub: "repo:b", aud: "somebody", exp: 1_800_000_000 });
  const { code, stderr } = await job.run(words("env:MINE", ...PRINT), { MINE: other });
  assert.equal(code, 5);
  assert.match(
    stderr,
    /^hint: The token has aud "somebody", sub "repo:b", exp 2027-01-15T08:00:00Z$/m,
  );
  assert(!stderr.includes(other));
});

Deno.test("what the runner answers instead of a token is said", POSIX, async () => {
  await using job = await Job.start();
  for (const [status, body] of [[200, "no JSON"], [200, '{"value":""}']] as const) {
    job.answer = { status, body };
    const { code, stdout, stderr } = await job.run(words("github", ...PRINT), job.github);
    assert.deepEqual([code, stdout], [1, ""], stderr);
    assert.match(stderr, /^error: (Cannot read the answer of|There is no token in) /);
  }
  // A refusal is the runner's last word, and no proxy's.
  job.answer = { status: 403, body: "{}" };
  job.asked.length = 0;
  const refused = await job.run(words("github", ...PRINT), job.github);
  assert.deepEqual([refused.code, refused.stdout, job.asked.length], [3, "", 1]);
  assert.equal(
    refused.stderr,
    "error: Cannot get a token of GitHub Actions: the runner refuses it with status 403\n" +
      "hint: Check that the job has permissions: {id-token: write, contents: read}, and that it " +
      "is still running: ACTIONS_ID_TOKEN_REQUEST_TOKEN is only valid until the job ends\n",
  );
  assert.deepEqual(job.aws.takeCalls(), []);
});

Deno.test(
  "export --format=github-env masks what it adds to the job's variables",
  POSIX,
  async () => {
    await using job = await Job.start();
    using files = new Folder();
    const path = `${files.path}/env`;
    Deno.writeTextFileSync(path, "BEFORE=1");
    const line = ["export", ...words("github", "--format=github-env").slice(1)];
    const env = { ...job.github, GITHUB_ENV: path, AWS_REGION: "eu-west-1\nPATH=/evil" };
    const bad = await job.run(line, env);
    assert.deepEqual([bad.code, Deno.readTextFileSync(path)], [1, "BEFORE=1"]);
    const { code, stdout, stderr } = await job.run(line, { ...job.github, GITHUB_ENV: path });
    assert.deepEqual([code, stderr], [0, ""]);
    const text = Deno.readTextFileSync(path);
    const [, delimiter = ""] = /<<(ghadelimiter_[0-9a-f]{32})\n/.exec(text)!;
    const form = new RegExp(`^(\\w+)<<${delimiter}\n(.*)\n${delimiter}$`, "gm");
    const added = [...text.matchAll(form)].map(([, name, value]) => [name, value]);
    assert.equal(text, `BEFORE=1\n${[...text.matchAll(form)].map(([all]) => `${all}\n`).join("")}`);
    assert.deepEqual(added.map(([name]) => name), [
      "AWS_ACCESS_KEY_ID",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
      "AWS_CREDENTIAL_EXPIRATION",
      "AWS_REGION",
      "AWS_DEFAULT_REGION",
    ]);
    const masked = stdout.trim().split("\n");
    assert.deepEqual(masked, added.slice(0, 3).map(([, value]) => `::add-mask::${value}`));
    const outside = await job.run(line, job.github);
    assert.deepEqual([outside.code, outside.stdout], [2, ""]);
  },
);
