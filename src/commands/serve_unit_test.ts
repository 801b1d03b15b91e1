import assert from "node:assert/strict";
import { memoryEnv, memoryPlatform } from "../../tests/fakes/memory_host.ts";
import type { Host } from "../host.ts";
import { renderUnit } from "./serve_unit.ts";

const ENV = {
  AWS_VAULT_BACKEND: "file",
  AWS_VAULT_FILE_DIR: '/a "b" 100%$x\\y\nExecStart=/bin/evil',
  AWS_VAULT_FILE_PASSPHRASE: "secret",
  AWS_VAULT: "work",
  AWS_CONFIG_FILE: "/c",
  AWS_SECRET_ACCESS_KEY: "secret",
  HOME: "/home/me",
};

function unit(os: Host["platform"]["os"], ...words: string[]): string {
  const platform = memoryPlatform({ os, executable: "/opt/my apps/aws-vault" });
  return renderUnit({ platform, env: memoryEnv(ENV) }, words).join("\n") + "\n";
}

Deno.test("renderUnit() gives systemd each word as it is, the settings, and no secret", () => {
  const words = ["--backend=file", "serve", "--print-unit", "--port", "9911", "wo$rk %h"];
  assert.equal(
    unit("linux", ...words),
    `# aws-vault serve --print-unit [PROFILE…] > ~/.config/systemd/user/aws-vault.service
# systemctl --user daemon-reload && systemctl --user enable --now aws-vault
[Unit]
Description=AWS credentials for programs that have a grant (aws-vault serve)

[Service]
Environment="AWS_CONFIG_FILE=/c"
Environment="AWS_VAULT_BACKEND=file"
Environment="AWS_VAULT_FILE_DIR=/a \\"b\\" 100%%$x\\\\y\\nExecStart=/bin/evil"
ExecStart="/opt/my apps/aws-vault" "--backend=file" "serve" "--lazy" "--port" "9911" "wo$$rk %%h"
Restart=on-failure

[Install]
WantedBy=default.target
`,
  );
});

Deno.test("renderUnit() gives launchd the same as a property list", () => {
  const text = unit("darwin", "serve", "--lazy", "--print-unit", "<a&b>");
  const words = [...text.matchAll(/^ {4}<string>([^<]*)<\/string>$/gm)].map(([, word]) => word);
  assert.deepEqual(words.slice(0, 4), [
    "/opt/my apps/aws-vault",
    "serve",
    "--lazy",
    "&lt;a&amp;b&gt;",
  ]);
  assert(!text.includes("secret"), text);
  assert.match(text, /<key>AWS_VAULT_BACKEND<\/key>\n {4}<string>file<\/string>/);
  assert.match(
    text,
    /<key>KeepAlive<\/key>\n {2}<dict>\n {4}<key>SuccessfulExit<\/key>\n {4}<false\/>/,
  );
});

Deno.test("renderUnit() has nothing for Windows, and says what does it", () => {
  assert.throws(() => unit("windows", "serve", "--print-unit"), { code: "unsupported" });
});
