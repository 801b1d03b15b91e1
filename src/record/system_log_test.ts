import assert from "node:assert/strict";
import { sendToLog } from "./system_log.ts";
import type { Use } from "./use.ts";

const USE: Use = {
  time: "2026-03-01T12:00:00Z",
  profile: "work",
  accessKeyId: "ASIAEXAMPLE",
  how: "cached",
  by: "export",
  pid: 7,
  uid: "1000",
};

async function entry(use: Use): Promise<string> {
  let text = "";
  const sockets = {
    listen: () => Promise.reject(new Error("not used")),
    ask: () => Promise.reject(new Error("not used")),
    send(_: string, bytes: Uint8Array<ArrayBuffer>) {
      text = new TextDecoder().decode(bytes);
      return Promise.resolve(true);
    },
  };
  assert.equal(await sendToLog({ sockets }, "journald", use), true);
  return text;
}

Deno.test("sendToLog() gives the journal a field a line", async () => {
  assert.equal(
    await entry(USE),
    `MESSAGE=${
      JSON.stringify(USE)
    }\nPRIORITY=6\nSYSLOG_FACILITY=10\nSYSLOG_IDENTIFIER=aws-vault\n` +
      "AWS_VAULT_PROFILE=work\nAWS_VAULT_ACCESS_KEY_ID=ASIAEXAMPLE\n",
  );
});

Deno.test("sendToLog(): a line break in a name adds no field", async () => {
  const text = await entry({ ...USE, profile: "work\nPRIORITY=0", accessKeyId: "A\nB=1" });
  const names = text.trimEnd().split("\n").map((field) => field.split("=")[0]);
  assert.deepEqual(names, (await entry(USE)).trimEnd().split("\n").map((f) => f.split("=")[0]));
});
