import assert from "node:assert/strict";
import { randomTexts } from "../../tests/fakes/random_texts.ts";
import { openConfig } from "./config_file.ts";
import { settingsOf } from "./inherit.ts";
import { textsOfProfiles } from "./profile_texts.ts";

const KEYS = ["role_arn", "region", "sso_account_id"];
const OWN = ["sso_account_id"];

/** What reading every section gives. */
function byReading(text: string): Record<string, unknown> {
  const config = openConfig(text, "config");
  return Object.fromEntries(
    config.profileNames().map((name) => {
      const settings = settingsOf(config, name, OWN);
      return [
        name,
        KEYS.map((key) => {
          const value = settings.get(key)?.value;
          return typeof value === "string" ? value : undefined;
        }),
      ];
    }),
  );
}

function atOnce(text: string): Record<string, unknown> {
  const config = openConfig(text, "config");
  const texts = textsOfProfiles(config, KEYS, OWN);
  return Object.fromEntries(config.profileNames().map((name) => [name, [...texts(name)]]));
}

Deno.test("textsOfProfiles() finds what reading every section finds", () => {
  const texts = [
    "",
    "[profile a]\nregion = x\nrole_arn=y\n[profile b]\nregion=  z w \t\nREGION : v\n",
    "[default]\nregion = d\nrole_arn = r\nsso_account_id = 1\n[profile a]\n[profile b]\nregion = x\n",
    "[profile default]\nregion = d\n[profile a]\nregion =\n[default]\nregion = e\n",
    "[profile a]\nregion = x # c\nrole_arn = a#b\n[profile b]\nregion = 'x'\nrole_arn = ;\n",
    "[profile a]\nregion = x\n  y\n[profile b]\nregion = x\n\n# c\n  role_arn = y\n",
    "[profile a]\ns3 =\n  region = x\n[profile b]\nregion =\n  a = b\n",
    "[profile a]\ninclude_profile = b\n[profile b]\nregion = x\n[profile c]\nparent_profile=b\n",
    "[profile a]\nregion = x\n[profile a]\nrole_arn = y\n[sso-session a]\nregion = z\n",
    "[profile a]\r\nregion = x\r\n[profile b]\rregion = y\r",
    "\ufeff[profile a]\nregion = x\n[profile 'b c']\nregion = y\n[profile d e]\nregion = z\n",
    "[profile a] # see [1]\nregion = x\n[profile b][c]\nregion = y\n  [profile d]\nregion = z\n",
    "[profile a]\nregion = x\u2028role_arn = y\n[profile b]\n\x1cregion\x85= y\n",
    "[profile a]\nrole_Arn = x\nrEGION = y\n[profile b]\nrole_arn = x\nroLe_arn = y\n",
    "[profile 'a']\nregion = x\n[profile b]]\nregion = y\n[profile c ]\nregion = z\n",
    "[profile a]\nregion = x\u00a0\nrole_arn = \x1cy\n\ufeffregion = q\n[profile \u00e9]\nregion = \u00e9\n",
  ];
  for (const text of texts) assert.deepEqual(atOnce(text), byReading(text), JSON.stringify(text));
});

Deno.test("textsOfProfiles() finds the same in files put together at random", () => {
  const pieces = [
    "[profile a]",
    "[profile b]",
    "[default]",
    "[profile default]",
    " [profile c]",
    "[profile 'a']",
    "[profile b ]",
    "[sso-session a]",
    "include_profile = b",
    "region = x",
    "  region = y",
    "region=",
    "region=b =",
    "role_arn=c d",
    "region = 'q'",
    "role_Arn = y",
    "rEGION=y",
    "REGION:z ; c",
    "role_arn = arn:aws:iam::1:role/a",
    "\trole_arn: q",
    "sso_account_id =1",
    "s3 =",
    "# c",
    "  more",
    "",
    "  ",
    "\u2028",
    "\ufeffregion = x",
    "region = x\u00a0",
  ];
  let compared = 0;
  for (const text of randomTexts(pieces, 6000)) {
    let expected: Record<string, unknown>;
    try {
      expected = byReading(text);
    } catch {
      continue;
    }
    compared++;
    assert.deepEqual(atOnce(text), expected, JSON.stringify(text));
  }
  assert(compared > 2000, `${compared}`);
});
