import assert from "node:assert/strict";
import { randomTexts } from "../../tests/fakes/random_texts.ts";
import { openConfig } from "./config_file.ts";
import { plainSettings } from "./plain_settings.ts";
import { profilesWith } from "./setting_scan.ts";

const KEYS = ["sso_session", "credential_process", "web_identity_token_file"];

/** What reading every section gives. */
function byReading(text: string): Record<string, string[]> {
  const config = openConfig(text, "config");
  const entries = config.profileNames().map((name) => {
    const section = config.profile(name)!;
    return [name, KEYS.filter((key) => plainSettings(section).has(key))] as const;
  });
  return Object.fromEntries(entries.filter(([, keys]) => keys.length > 0));
}

function byScan(text: string): Record<string, string[]> {
  const found = profilesWith(openConfig(text, "config"), KEYS);
  return Object.fromEntries([...found].map(([name, own]) => [
    name,
    KEYS.filter((key) => own.has(key)),
  ]));
}

Deno.test("profilesWith() finds what reading every section finds", () => {
  const texts = [
    "",
    "[profile a]\nsso_session = x\n[profile b]\nregion = sso_session = x\n",
    "[default]\ncredential_process=x\n[profile default]\nregion = a\n",
    "[profile default]\nregion = a\n[default]\nCredential_Process : x\n",
    "[profile a]\n  sso_session = x\n",
    "[profile a]\nregion = a\n  sso_session = x\n",
    "[profile a]\nregion =\n  sso_session = x\n",
    "[profile a]\n# sso_session = x\nsso_sessions = x\nxsso_session = x\n; credential_process = y\n",
    "[profile a]\r\nsso_session =\r\n[profile b]\rsso_session\t= x\r",
    "[profile a]\nregion = a\n[profile a]\nsso_session = x\n",
    "[sso-session a]\nsso_session = x\n[services b]\ncredential_process = 1\n[other]\nsso_session = x\n",
    "\ufeff[profile a]\nsso_session = x\n",
    "[profile 'a b']\nsso_session = x\n  [profile c]\ncredential_process = y\n",
    "[profile a]\nregion = x\u2028sso_session = y\n",
    "[profile a]\nregion = x\u2029[profile b]\u2028sso_session = y\n",
    "[profile a]\n\x1csso_session\x85= y\n\n\nweb_identity_token_file = z\n",
    "[profile a] # see [1]\nsso_session = x\n[profile b][c]\nsso_session = y\n",
  ];
  for (const text of texts) assert.deepEqual(byScan(text), byReading(text), JSON.stringify(text));
});

Deno.test("profilesWith() finds the same in files put together at random", () => {
  const pieces = [
    "[profile a]",
    "[profile b]",
    "[default]",
    "[profile default]",
    " [profile c]",
    "[sso-session a]",
    "sso_session = x",
    "  sso_session = y",
    "credential_process",
    "credential_process=",
    "=",
    "# c",
    "region = z",
    "\tweb_identity_token_file: q",
    "",
    "  ",
    "\u2028",
    "SSO_SESSION = x",
  ];
  for (const text of randomTexts(pieces, 3000)) {
    let expected: Record<string, string[]>;
    try {
      expected = byReading(text);
    } catch {
      continue;
    }
    assert.deepEqual(byScan(text), expected, JSON.stringify(text));
  }
});
