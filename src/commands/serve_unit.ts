/** `serve --print-unit`: a unit with which systemd or launchd keeps a server running for a user. */

import { VaultError } from "../errors.ts";
import { isOwnSecret } from "../helper_environment.ts";
import type { Host } from "../host.ts";

type UnitHost = Pick<Host, "platform" | "env">;

/** The command to run, and settings from this environment. */
interface Unit {
  readonly words: readonly string[];
  readonly variables: readonly (readonly [name: string, value: string])[];
}

/** The lines of the unit for this system; throws `unsupported` if there is none. */
export function renderUnit(host: UnitHost, words: readonly string[]): string[] {
  const render = UNITS[host.platform.os];
  if (render !== undefined) return render(planUnit(host, words));
  throw new VaultError("unsupported", "Windows has no units for servers of a user", {
    hints: ["Start it at logon with the Task Scheduler: aws-vault serve --grant NAME=PROFILE"],
  });
}

const UNITS: Readonly<Partial<Record<Host["platform"]["os"], (unit: Unit) => string[]>>> = {
  linux: renderSystemd,
  darwin: renderLaunchd,
};

/** A service starts when nobody is present to be asked. */
function planUnit({ platform, env }: UnitHost, words: readonly string[]): Unit {
  const kept = words.filter((word) => word !== "--print-unit" && word !== "--lazy");
  const at = kept.indexOf("serve") + 1;
  return {
    words: [platform.executable, ...kept.slice(0, at), "--lazy", ...kept.slice(at)],
    variables: Object.entries(env.all()).filter(([name]) => isSetting(name)).toSorted(),
  };
}

/** Settings, but no secrets: everyone who can read the file of a unit can read its content. */
function isSetting(name: string): boolean {
  return name === "AWS_CONFIG_FILE" ||
    /^AWS_VAULT_(?!PROFILE_CHAIN)/.test(name) && !isOwnSecret(name);
}

/** Source: systemd.service(5), "Command lines"; systemd.exec(5), "Environment". */
function renderSystemd({ words, variables }: Unit): string[] {
  return [
    "# aws-vault serve --print-unit [PROFILE…] > ~/.config/systemd/user/aws-vault.service",
    "# systemctl --user daemon-reload && systemctl --user enable --now aws-vault",
    "[Unit]",
    "Description=AWS credentials for programs that have a grant (aws-vault serve)",
    "",
    "[Service]",
    ...variables.map(([name, value]) => `Environment=${systemdWord(`${name}=${value}`)}`),
    `ExecStart=${words.map((word) => systemdWord(word).replaceAll("$", "$$$$")).join(" ")}`,
    "Restart=on-failure",
    "",
    "[Install]",
    "WantedBy=default.target",
  ];
}

/** A quoted word, with C escapes and without specifiers. */
function systemdWord(word: string): string {
  const escaped = word.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%");
  return `"${escaped.replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t")}"`;
}

/** Source: launchd.plist(5). */
function renderLaunchd({ words, variables }: Unit): string[] {
  const strings = words.map((word) => `    <string>${xmlText(word)}</string>`);
  const environment = variables.flatMap(([name, value]) => [
    `    <key>${xmlText(name)}</key>`,
    `    <string>${xmlText(value)}</string>`,
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    // XML comments must not contain two dashes.
    "<!-- Keep it as ~/Library/LaunchAgents/aws-vault.serve.plist; then: -->",
    "<!-- launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/aws-vault.serve.plist -->",
    '<plist version="1.0">',
    "<dict>",
    "  <key>Label</key>",
    "  <string>aws-vault.serve</string>",
    "  <key>ProgramArguments</key>",
    ...["  <array>", ...strings, "  </array>"],
    "  <key>EnvironmentVariables</key>",
    ...["  <dict>", ...environment, "  </dict>"],
    "  <key>RunAtLoad</key>",
    "  <true/>",
    "  <key>KeepAlive</key>",
    ...["  <dict>", "    <key>SuccessfulExit</key>", "    <false/>", "  </dict>"],
    "</dict>",
    "</plist>",
  ];
}

function xmlText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
