/** Runs the commands of README.md, in the order in which a newcomer meets them. */

import assert from "node:assert/strict";
import { Home, NOT_ON_WINDOWS } from "../home.ts";
import { splitCommand } from "../../src/split_command.ts";

const README = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));

/** The lines `aws-vault …` of its shell examples, without their comments. */
function commandLines(): string[] {
  const blocks = [...README.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block!);
  const lines = blocks.flatMap((block) => block.split("\n")).map((line) =>
    line.replace(/\s+#.*/, "")
  );
  return lines.filter((line) => line.startsWith("aws-vault "));
}

/** What a line needs that this home has not, by its beginning: its exit code says so. */
const NEEDS: readonly (readonly [begins: string, code: number])[] = [
  // A terminal to type at; the lines below have the key by `--env`.
  ["aws-vault add work", 4],
  // A desktop's keystore.
  ["aws-vault migrate-backend --from file --to secret-service", 1],
  // A section of Identity Center in the config file.
  ["aws-vault sso login", 2],
];

Deno.test({
  ...NOT_ON_WINDOWS,
  name: "the commands of README.md do what it says",
  async fn() {
    await using home = await Home.open({
      users: [{ name: "work", mfa: [{ codes: "any" }] }],
      roles: [{ name: "admin" }],
      stsRegions: "any",
    });
    home.write(
      ".aws/config",
      "[profile work]\n[profile admin]\nsource_profile = work\n" +
        "role_arn = arn:aws:iam::111122223333:role/admin\n",
    );
    home.write(".aws/credentials", "");
    for (const program of ["aws", "terraform"]) home.write(`bin/${program}`, "#!/bin/sh\n", 0o755);
    home.env["PATH"] = `${home.path}/bin:${Deno.env.get("PATH")}`;
    await home.as("work").succeed("add", "--env", "work");
    const outcomes: [line: string, code: number][] = [];
    for (const line of commandLines()) {
      const { code } = await home.start(splitCommand(line, "linux").slice(1)).finished;
      outcomes.push([line, code]);
    }
    await home.start(["serve", "--stop"]).finished;
    const expected = outcomes.map(([line]) =>
      [line, NEEDS.find(([begins]) => line.startsWith(begins))?.[1] ?? 0] as const
    );
    assert.deepEqual(outcomes, expected);
    assert(outcomes.length >= 10, `${outcomes.length}`);
  },
});
