import assert from "node:assert/strict";
import { displayWidth } from "../display_width.ts";
import { Secret } from "../secret.ts";
import { groupSeed, makeSeedDialog, qrModules } from "./seed_dialog.ts";

const SEED = new Secret("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
const SERIAL = "arn:aws:iam::111122223333:mfa/jonsmith";
const URI = new Secret(`otpauth://totp/AWS:jonsmith@111122223333?secret=${SEED.reveal()}`);

async function dialog() {
  return makeSeedDialog({ serial: SERIAL, seed: SEED, modules: await qrModules(URI) });
}

/** The modules that half blocks draw, light ones true. */
function modulesOf(lines: readonly string[]): boolean[][] {
  return lines.flatMap((line) => [
    [...line].map((half) => "█▀".includes(half)),
    [...line].map((half) => "█▄".includes(half)),
  ]);
}

Deno.test("the seed dialog draws each module of the code, with as much quiet zone as fits", async () => {
  const modules = await qrModules(URI);
  for (
    const [size, zone] of [[{ columns: 200, rows: 60 }, 4], [{ columns: 80, rows: 24 }, 1]] as const
  ) {
    const lines = (await dialog()).render(size);
    const drawn = modulesOf(lines.slice(1, -1));
    const inner = drawn.slice(zone, zone + modules.length)
      .map((row) => row.slice(zone, zone + modules.length).map((isLight) => !isLight));
    assert.deepEqual(inner, modules);
    assert(drawn.slice(0, zone).flat().every((isLight) => isLight));
    assert.deepEqual([lines[0], lines.at(-1)], [
      `Scan with your authenticator app: ${SERIAL}`,
      "Enter: continue  s: as text  Ctrl-C: stop",
    ]);
  }
});

Deno.test("the seed dialog shows the seed as text where the code does not fit, and on request", async () => {
  assert.deepEqual((await dialog()).render({ columns: 40, rows: 24 }), [
    "Enter this key in your authenticator",
    "app, for",
    "arn:aws:iam::111122223333:mfa/jonsmith:",
    "ABCD EFGH IJKL MNOP QRST UVWX YZ23 4567",
    "ABCD EFGH IJKL MNOP QRST UVWX YZ23 4567",
    "Enter: continue  Ctrl-C: stop",
  ]);
  const asked = await dialog();
  assert.equal(asked.onKey("s"), undefined);
  assert.deepEqual(asked.render({ columns: 200, rows: 60 }), [
    `Enter this key in your authenticator app, for ${SERIAL}:`,
    groupSeed(SEED),
    "Enter: continue  s: as QR code  Ctrl-C: stop",
  ]);
  asked.onKey("s");
  assert.equal(asked.render({ columns: 200, rows: 60 }).length, 27);
  assert.deepEqual(asked.onKey("enter"), { result: true });
});

Deno.test("the seed dialog is never larger than the terminal", async () => {
  for (const columns of [1, 2, 10, 40, 46, 47, 80]) {
    for (const rows of [1, 2, 5, 23, 24, 25]) {
      const lines = (await dialog()).render({ columns, rows });
      assert(lines.length <= rows, `${lines.length} lines on ${rows}`);
      for (const line of lines) assert(displayWidth(line) <= Math.max(columns, 2), `${columns}`);
    }
  }
});
