import assert from "node:assert/strict";
import { type ConfigFile, openConfig, type Section, type Setting } from "./config_file.ts";
import { settingsOf } from "./inherit.ts";

class CountedSettings extends Map<string, Setting> {
  gets = 0;
  override get(key: string): Setting | undefined {
    this.gets++;
    return super.get(key);
  }
}

/** How often sections and settings are looked up when two settings of each profile are. */
function workFor(length: number, last: string): { sections: number; settings: number } {
  const text = Array.from(
    { length },
    (_, i) => `[profile p${i}]\ninclude_profile = ${i + 1 === length ? last : `p${i + 1}`}\n`,
  );
  const config = openConfig(text.join(""), "/config");
  const counted = new Map<string, Section & { settings: CountedSettings }>();
  let sections = 0;
  const counting: ConfigFile = Object.assign(Object.create(config), {
    profile(name: string) {
      sections++;
      const section = config.profile(name);
      if (section === undefined || counted.has(name)) return counted.get(name);
      const copy = { ...section, settings: new CountedSettings(section.settings) };
      counted.set(name, copy);
      return copy;
    },
  });
  for (const name of config.profileNames()) {
    try {
      const source = settingsOf(counting, name);
      source.get("region");
      source.getText("role_arn");
    } catch (error) {
      assert.match((error as Error).message, /refers back to itself/);
    }
  }
  const settings = [...counted.values()].reduce((sum, { settings }) => sum + settings.gets, 0);
  return { sections, settings };
}

for (const [what, last] of [["a chain", "nowhere"], ["a circle", "p0"]] as const) {
  Deno.test(`the work for all profiles of ${what} of includes grows as its length does`, () => {
    const [one, two, three] = [workFor(100, last), workFor(200, last), workFor(300, last)];
    assert(one.sections >= 100 && one.settings >= 100);
    assert.deepEqual(
      { sections: three.sections - two.sections, settings: three.settings - two.settings },
      { sections: two.sections - one.sections, settings: two.settings - one.settings },
    );
  });
}

const GRAPH = `
[default]
region = of-default
role_arn = of-default
[profile end]
region = of-end
output =
[profile one]
parent_profile = end
output = of-one
[profile two]
include_profile = one
role_arn = of-two
[profile takes-default]
include_profile = default
[profile keyless]
include_profile = nowhere
[profile a]
include_profile = b
[profile b]
include_profile = c
[profile c]
include_profile = b
[profile block]
include_profile =
  x = y
[profile to-block]
include_profile = block
`;

Deno.test("settingsOf() gives the same whichever profile was asked for before", () => {
  const expected = {
    end: "of-end  ",
    one: "of-end of-one ",
    two: "of-end of-one of-two",
    "takes-default": "of-default  of-default",
    keyless: "of-default  ",
    a: 'Cannot read /config:23: "a" refers back to itself through include_profile: a → b → c → b',
    b: 'Cannot read /config:23: "b" refers back to itself through include_profile: b → c → b',
    c: 'Cannot read /config:21: "c" refers back to itself through include_profile: c → b → c',
    block: "a block",
    "to-block": "a block",
  };
  const names = Object.keys(expected);
  for (const order of [names, names.toReversed(), [...names, ...names]]) {
    const config = openConfig(GRAPH, "/config");
    const given = order.map((name) => [name, read(config, name)]);
    assert.deepEqual(Object.fromEntries(given), expected);
  }
});

function read(config: ConfigFile, name: string): string {
  try {
    const source = settingsOf(config, name);
    return ["region", "output", "role_arn"].map((key) => source.get(key)?.value).join(" ");
  } catch (error) {
    const { message } = error as Error;
    return message.includes("has a block") ? "a block" : message;
  }
}
