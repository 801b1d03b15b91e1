/** The function of USAGE.md for direnv, in direnv. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { requireService, runs } from "../services.ts";
import { launcher } from "./launch.ts";

const USAGE = new URL("../../USAGE.md", import.meta.url);
const DIRENV = requireService(
  "direnv",
  Deno.build.os === "linux" && runs("direnv", "version"),
  "Linux, apt-get install direnv",
);

Deno.test(
  "use_aws_vault gives direnv a profile's credentials, and takes them out again",
  DIRENV,
  async () => {
    await using home = await Home.open({ stsRegions: "any" });
    await home.as("work").succeed("add", "--env", "--no-add-config", "work");
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"]) {
      delete home.env[name];
    }
    home.write(".aws/config", "[profile work]\nregion = eu-west-1\n");
    const [, script = ""] = /^```bash\n(use_aws_vault.*?)^```$/ms.exec(
      Deno.readTextFileSync(USAGE),
    )!;
    home.write(".config/direnv/direnvrc", script);
    home.write("project/.envrc", "use aws_vault work\n");
    home.write("bin/aws-vault", launcher(), 0o755);
    const env = {
      PATH: `${home.path}/bin:/usr/bin:/bin`,
      AWS_PROFILE: "mine",
      XDG_CONFIG_HOME: `${home.path}/.config`,
      XDG_DATA_HOME: `${home.path}/.local/share`,
    };
    const folder = `${home.path}/project`;
    const direnv = (...words: string[]) => home.start(words, env, ["direnv"]).finished;
    assert.equal((await direnv("allow", folder)).code, 0);
    const show =
      'echo "$AWS_VAULT $AWS_REGION ${AWS_PROFILE-none} ${AWS_ACCESS_KEY_ID%${AWS_ACCESS_KEY_ID#ASIA}}"';
    const { code, stdout, stderr } = await direnv("exec", folder, "sh", "-c", show);
    assert.deepEqual([code, stdout], [0, "work eu-west-1 none ASIA\n"], stderr);
    for (const secret of home.aws.secrets()) assert(!stderr.includes(secret));
  },
);
