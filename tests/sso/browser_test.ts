/** Signing in through a real browser, and what the page after it looks like there. */

import assert from "node:assert/strict";
import { type Outcome, renderAnswer } from "../../src/sso/answer_page.ts";
import { Folder } from "../folder.ts";
import { Home } from "../home.ts";
import { untilClosed } from "../servers/closed_port.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import { CHROMIUM, chromiumWords } from "../services/chromium.ts";
import { readPng } from "./png.ts";
import { SsoHome } from "./sso_home.ts";

Deno.test({
  ...CHROMIUM,
  name: "a person signs in through Chromium, whose command line has no address of the sign-in",
  async fn() {
    await using home = await SsoHome.with();
    writeBrowser(home);
    const { code, stdout, stderr } = await home.start(["export", "--format=json", "dev"]).finished;
    assert.equal(code, 0, stderr);
    assert.match(JSON.parse(stdout).AccessKeyId, /^ASIA/);
    assert.match(home.read("arguments")!, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\n$/);
    assert.match(await untilThere(home, "dom"), /<h1>You are signed in<\/h1>/);
    assert.equal(home.aws.world.identityCenter.pagesOpened, 1);
    const address = new URL(
      /redirect_uri=([^&]+)/.exec(stderr)![1]!.replaceAll("%3A", ":").replaceAll("%2F", "/"),
    );
    await untilClosed(Number(address.port));
  },
});

Deno.test({
  ...CHROMIUM,
  name: "a person signs in for a login_session through Chromium, and not a second time",
  async fn() {
    const arn = "arn:aws:iam::111122223333:user/ann";
    await using home = new Home(await startFakeAws({ users: [{ name: "ann" }] }));
    home.write(".aws/config", `[profile ann]\nlogin_session = ${arn}\n`);
    writeBrowser(home);
    const words = ["export", "--format=json", "ann"];
    const { code, stdout, stderr } = await home.start(words).finished;
    assert.equal(code, 0, stderr);
    assert.equal(home.aws.world.sessionUser(JSON.parse(stdout).AccessKeyId), "ann");
    assert.match(home.read("arguments")!, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\n$/);
    assert.match(await untilThere(home, "dom"), /<h1>You are signed in<\/h1>/);
    assert.deepEqual(home.aws.takeCalls(), [
      "AuthorizeSignin by nobody",
      "CreateOAuth2Token by code by sso/ann",
    ]);
    assert.equal((await home.start(["export", "--no-cache", "ann"]).finished).code, 0);
    assert.deepEqual(home.aws.takeCalls(), []);
  },
});

/** A browser that notes what it is started with, and the page that it comes to. */
function writeBrowser(home: Home): void {
  const words = chromiumWords(home.path).map((word) => `'${word}'`).join(" ");
  home.write(
    "browser",
    `#!/bin/sh\necho "$@" > ~/arguments\n${words} --dump-dom "$1" > ~/dom.new 2>/dev/null\nmv ~/dom.new ~/dom\n`,
    0o700,
  );
  home.env["AWS_VAULT_BROWSER"] = `${home.path}/browser`;
}

async function untilThere(home: Home, path: string): Promise<string> {
  // Not below the folder: Chromium makes and removes folders there in the meantime.
  using watcher = Deno.watchFs(home.path, { recursive: false });
  for (;;) {
    const text = home.read(path);
    if (text !== undefined) return text;
    await watcher[Symbol.asyncIterator]().next();
  }
}

const PAPER = { light: "#ffffff", dark: "#16191f" };
const EDGE = {
  light: { good: "#1d8102", bad: "#d13212" },
  dark: { good: "#6aaf35", bad: "#ff5d64" },
};

/** What a page can say of a sign-in. */
const OUTCOMES = ["signed-in", "refused", "expired", "wrong-state", "failed"] as const;

for (const scheme of ["light", "dark"] as const) {
  for (const width of [1200, 360]) {
    Deno.test({
      ...CHROMIUM,
      name: `the pages are right in Chromium, ${scheme}, ${width} pixels wide`,
      async fn() {
        using folder = new Folder();
        const server = Deno.serve(
          { port: 0, hostname: "127.0.0.1", onListen() {} },
          async (request) => await renderAnswer(new URL(request.url).pathname.slice(1) as Outcome),
        );
        for (const outcome of OUTCOMES) {
          const url = `http://127.0.0.1:${server.addr.port}/${outcome}`;
          const picture = await shoot(folder.path, url, scheme, width);
          const [middle, edges] = [Math.floor(picture.width / 2), new Set<string>()];
          for (let y = 0; y < picture.height; y++) edges.add(picture.at(middle, y));
          const edge = EDGE[scheme][outcome === "signed-in" ? "good" : "bad"];
          assert(edges.has(edge), `${outcome}: ${edge} is not among ${[...edges].slice(0, 20)}`);
          // Nothing reaches the sides: the text fits, whatever the width.
          for (const x of [0, 8, picture.width - 9, picture.width - 1]) {
            for (let y = 0; y < picture.height; y++) {
              assert.equal(picture.at(x, y), PAPER[scheme], `${outcome} at ${x}, ${y}`);
            }
          }
        }
        await server.shutdown();
      },
    });
  }
}

async function shoot(folder: string, url: string, scheme: "light" | "dark", width: number) {
  const path = `${folder}/page.png`;
  const [program = "", ...words] = chromiumWords(folder);
  const args = [
    ...words,
    ...scheme === "dark" ? ["--blink-settings=preferredColorScheme=0"] : [],
    `--window-size=${width},640`,
    `--screenshot=${path}`,
    url,
  ];
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  assert(success, new TextDecoder().decode(stderr));
  return await readPng(await Deno.readFile(path));
}
