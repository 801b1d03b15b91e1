/** Every fault of the fake AWS while a person signs in for a `login_session`, and signs out. */

import assert from "node:assert/strict";
import { Home, NOT_ON_WINDOWS } from "../home.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import type { FaultKind } from "../servers/faults.ts";
import { requireService, runs } from "../services.ts";

const CURL = requireService("curl", runs("curl", "--version"), "apt install curl");

/** What goes wrong twice, and the third try succeeds. */
const SURVIVED: readonly FaultKind[] = ["throttle", "internal", "html-500", "html-200", "close"];
/** The call takes effect, but its answer is of no use. */
const LOST: readonly FaultKind[] = ["cut-body", "empty-body", "lose-answer"];

async function openHome(): Promise<Home> {
  const home = new Home(await startFakeAws({ users: [{ name: "ann" }] }));
  home.write(
    ".aws/config",
    "[profile ann]\nlogin_session = arn:aws:iam::111122223333:user/ann\n",
  );
  home.write("browser", '#!/bin/sh\nexec curl -sL "$1" > /dev/null\n', 0o700);
  home.env["AWS_VAULT_BROWSER"] = `${home.path}/browser`;
  return home;
}

const LOGIN = ["sso", "login", "ann"];

for (const kind of [...SURVIVED, ...LOST]) {
  Deno.test({
    ...NOT_ON_WINDOWS,
    ...CURL,
    name: `CreateOAuth2Token with a code of the browser, and "${kind}"`,
    async fn() {
      await using home = await openHome();
      const isLost = LOST.includes(kind);
      home.aws.fault({ kind, action: "CreateOAuth2Token", times: isLost ? 1 : 2 });
      const { code, stderr } = await home.start(LOGIN).finished;
      assert.equal(code, isLost ? 5 : 0, stderr);
      assert.equal(stderr.match(/^error: /gm)?.length ?? 0, isLost ? 1 : 0, stderr);
      assert.doesNotMatch(stderr, /\bat .*\.ts:/);
      if (isLost) assert.match(stderr, /^hint: .*(?:sign in|Start) again/im);
    },
  });
  Deno.test({
    ...NOT_ON_WINDOWS,
    ...CURL,
    name: `RevokeOAuth2TokenWithIAM, and "${kind}"`,
    async fn() {
      await using home = await openHome();
      assert.equal((await home.start(LOGIN).finished).code, 0);
      home.aws.fault({ kind, action: "RevokeOAuth2TokenWithIAM" });
      const { code, stderr } = await home.start(["sso", "logout", "ann"]).finished;
      assert.equal(code, 0, stderr);
      assert.equal((await home.run("export", "--no-prompt", "ann")).code, 4);
    },
  });
}
