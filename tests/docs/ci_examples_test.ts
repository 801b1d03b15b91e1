/** Runs the lines of USAGE.md's examples for CI as the CI system would run them. */

import assert from "node:assert/strict";
import { Folder } from "../folder.ts";
import { launch, launcher } from "../process/launch.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import { WireServer } from "../servers/http.ts";
import { writeProgram } from "../services/write_program.ts";

const USAGE = Deno.readTextFileSync(new URL("../../USAGE.md", import.meta.url));
const BLOCKS = [...USAGE.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text!);

/** The lines that run the program, with the variables that the example sets itself. */
const EXAMPLES = BLOCKS.map((block) => ({
  env: Object.fromEntries(
    [...block.matchAll(/^ {2}(AWS_\w+): (.*)$/gm)].map(([, name, value]) => [name, value]),
  ),
  lines: [...block.matchAll(/^\s*- (?:run: )?(aws-vault exec .*|aws-vault export .*)$/gm)]
    .map(([, line]) => line!),
  // Not that of a container, which runs something else.
})).filter(({ lines }) => lines.length > 0);

Deno.test("the examples for CI in USAGE.md work", {
  ignore: Deno.build.os === "windows",
}, async () => {
  assert.deepEqual(EXAMPLES.map(({ lines }) => lines.length), [2, 1, 1]);
  const roles = [{ name: "deploy", subjects: ["repo:a"] }];
  await using aws = await startFakeAws({ users: [], roles });
  const token = aws.webIdentityToken({ sub: "repo:a" });
  await using runner = new WireServer(() =>
    Promise.resolve({
      status: 200,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ value: token }),
    })
  );
  using folder = new Folder();
  writeProgram(`${folder.path}/aws-vault`, launcher());
  Deno.writeTextFileSync(`${folder.path}/token`, token);
  const place = {
    PATH: `${folder.path}:${Deno.env.get("PATH")}`,
    AWS_ENDPOINT_URL: aws.url,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${runner.url}/?a=b`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "bearer",
    GITHUB_ENV: `${folder.path}/github-env`,
    GITLAB_OIDC_TOKEN: token,
    AWS_ROLE_ARN: "arn:aws:iam::111122223333:role/deploy",
    AWS_WEB_IDENTITY_TOKEN_FILE: `${folder.path}/token`,
  };
  for (const { env, lines } of EXAMPLES) {
    for (const line of lines) {
      const { code, stdout, stderr } = await launch(["-c", line], { ...place, ...env }, ["sh"])
        .finished;
      assert.deepEqual([code, stderr], [0, ""], line);
      assert.match(stdout, /^deployed\n$|^::add-mask::ASIA/, line);
    }
  }
  assert.match(Deno.readTextFileSync(place.GITHUB_ENV), /^AWS_ACCESS_KEY_ID<<ghadelimiter_/);
});
