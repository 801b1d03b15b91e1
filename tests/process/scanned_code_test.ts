/** The QR code of a new MFA device, read from the screen of a real terminal by a reader that is not ours. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { requireService, runs } from "../services.ts";
import { TmuxWindow } from "../services/tmux.ts";
import { launcher } from "./launch.ts";

const isWindows = Deno.build.os === "windows";
const NEEDED = ([["tmux", "-V"], ["zbarimg", "--version"], ["oathtool", "--version"]] as const)
  .map(([program, flag]) =>
    isWindows ||
    requireService(program, runs(program, flag), "apt-get install tmux zbar-tools oathtool").ignore
  );

// With a light margin of one module and of four.
for (const [columns, rows] of [[80, 24], [200, 60]] as const) {
  Deno.test({
    name:
      `zbar reads the code of mfa enroll at ${columns} columns, and codes of it enable the device`,
    ignore: NEEDED.includes(true),
    async fn() {
      await using home = await Home.open();
      await home.as("work").succeed("add", "--env", "work");
      home.write("bin/aws-vault", launcher(), 0o755);
      const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, ...env } = home.env;
      using pane = new TmuxWindow("aws-vault mfa enroll work", {
        columns,
        rows,
        cwd: home.path,
        env: { ...env, PATH: `${home.path}/bin:/usr/bin:/bin` },
      });
      const uri = await scan(home, await pane.until("Enter: continue"));
      const [, seed] =
        /^otpauth:\/\/totp\/AWS:work@111122223333\?secret=([A-Z2-7]{64})$/.exec(uri) ??
          [];
      assert(seed, uri.replace(/secret=.*/, ""));
      pane.press("Enter");
      const [first = "", second = ""] = await codes(seed);
      await pane.until("Enter MFA code for");
      pane.press(first, "Enter");
      await pane.until("Enter the next code");
      pane.press(second, "Enter");
      const shown = await pane.until("[exit ");
      assert.match(shown, /^Enabled MFA device "arn:aws:iam::111122223333:mfa\/work"/m);
      // Neither the code nor the seed can be scrolled back to.
      assert.doesNotMatch(shown, /[█▀▄]/);
      assert(!shown.includes(seed));
    },
  });
}

/** What a camera would see, read by zbar. */
async function scan(home: Home, screen: string): Promise<string> {
  const path = `${home.path}/screen.pgm`;
  Deno.writeFileSync(path, drawScreen(screen));
  return (await said("zbarimg", "--quiet", "--raw", path)).trim();
}

const CELL = 6;

/** The screen as a grey map (netpbm's `pgm`): half blocks are light on a dark ground. */
function drawScreen(screen: string): Uint8Array<ArrayBuffer> {
  const lines = screen.split("\n");
  const width = Math.max(...lines.map((line) => line.length));
  const rows = lines.flatMap((line) => ["█▀", "█▄"].map((light) => [line.padEnd(width), light]));
  const pixels = rows.flatMap(([line = "", light = ""]) => {
    const row = [...line].flatMap((sign) => new Array(CELL).fill(light.includes(sign) ? 255 : 0));
    return new Array(CELL).fill(row).flat();
  });
  const head = new TextEncoder().encode(`P5 ${width * CELL} ${rows.length * CELL} 255\n`);
  return Uint8Array.from([...head, ...pixels]);
}

/** The code of now and the one after it. */
async function codes(seed: string): Promise<string[]> {
  return (await said("oathtool", "--totp", "--base32", "--window=1", seed)).trim().split("\n");
}

async function said(command: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
  assert(success, `${command}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
