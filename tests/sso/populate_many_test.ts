import assert from "node:assert/strict";
import { SESSION, SsoHome } from "./sso_home.ts";

Deno.test("populate over 300 accounts of 5 roles twice gives the same bytes, and keeps comments", async () => {
  const accounts = Array.from({ length: 300 }, (_, at) => ({
    id: String(100_000_000_000 + at * 7),
    name: `Account ${at % 290}`,
    roles: ["Admin", "Audit", "Billing", "Dev", "ReadOnly"],
  }));
  const comment = "# mine: keep\r\n";
  const config = comment + SESSION.replaceAll("\n", "\r\n") + "; and this\r\n";
  await using home = await SsoHome.with({ accounts, pageSize: 70 }, config);
  await home.succeed("sso", "login", "--sso-device-code");
  const startMs = home.movedMs;
  const { stderr } = await home.succeed("sso", "populate");
  assert.match(stderr, /: 1500 profiles added, 0 changed, 0 removed\n$/);
  const seconds = (home.movedMs - startMs) / 1000;
  const requests = home.aws.calls.filter(({ action }) => action.startsWith("List")).length;
  assert.equal(requests, 305);
  assert(requests / seconds < 20, `${requests} requests in ${seconds} s`);
  const first = home.read(".aws/config")!;
  assert(first.startsWith(config), "what was there is there");
  assert.equal(first.match(/^\[profile /gm)?.length, 1500);
  assert.equal(
    first.replaceAll("\r\n", "").includes("\n"),
    false,
    "line ends are those of the file",
  );

  assert.match((await home.succeed("sso", "populate")).stderr, /: 0 profiles added, 0 changed/);
  assert.equal(home.read(".aws/config"), first);
  assert.equal((await home.succeed("sso", "populate", "--prune", "--diff")).stdout, "");
});

Deno.test("a list that takes more than a second says on a terminal how far it is, and only there", async () => {
  const accounts = Array.from({ length: 40 }, (_, at) => ({
    id: String(111_111_111_111 + at),
    name: `a${at}`,
    roles: ["Admin"],
  }));
  await using home = await SsoHome.with({ accounts });
  await home.succeed("sso", "login", "--sso-device-code");
  assert.equal((await home.succeed("sso", "list")).stderr, "");
  home.hasTerminal = true;
  home.env["NO_COLOR"] = "1";
  const { stderr } = await home.succeed("sso", "list");
  assert.match(stderr, /^note: \d+ of 40 accounts done, about \d+ s left\n$/);
});
