import assert from "node:assert/strict";
import { type ConfigFile, openConfig, resolveChain } from "../config/profile.ts";
import { findSource } from "../credentials/find_source.ts";
import type { MatchDeps } from "../credentials/source.ts";
import { STORED_KEY } from "../credentials/sources/stored_key.ts";
import { memoryEnv, MemoryFiles, memoryPlatform } from "../../tests/fakes/memory_host.ts";
import { ProfileChains } from "./profile_chains.ts";

const HOST = { env: memoryEnv(), platform: memoryPlatform(), files: new MemoryFiles() };
const SETTINGS = { env: HOST.env, flags: {}, sourceSettings: [] };
const ROWS = [STORED_KEY];

/** How often a section and a key are looked up when each profile of a chain is looked at. */
async function workFor(length: number): Promise<{ sections: number; keys: number }> {
  const text = Array.from(
    { length },
    (_, i) =>
      `[profile p${i}]\nrole_arn = arn:aws:iam::111122223333:role/r\n` +
      (i === 0 ? "" : `source_profile = p${i - 1}\n`),
  );
  const config = openConfig(text.join(""), "/config");
  const work = { sections: 0, keys: 0 };
  const counting: ConfigFile = Object.assign(Object.create(config), {
    profile: (name: string) => (work.sections++, config.profile(name)),
    hasProfile: (name: string) => config.hasProfile(name),
  });
  const hasKey = () => Promise.resolve((work.keys++, false));
  const chains = new ProfileChains(counting, SETTINGS);
  for (const name of config.profileNames().reverse()) {
    chains.sources(chains.profile(name));
    await chains.shortChain(name, ROWS, { host: HOST, hasKey });
  }
  return work;
}

Deno.test("the work for all profiles of a chain grows as its length does", async () => {
  const [one, two, three] = [await workFor(100), await workFor(200), await workFor(300)];
  assert(one.sections > 100 && one.keys > 50);
  assert.deepEqual(
    { sections: three.sections - two.sections, keys: three.keys - two.keys },
    { sections: two.sections - one.sections, keys: two.keys - one.keys },
  );
});

const GRAPH = `
[profile end]
mfa_serial = arn:aws:iam::111122223333:mfa/end
[profile one]
source_profile = end
role_arn = arn:aws:iam::111122223333:role/one
[profile plain]
source_profile = one
[profile two]
source_profile = plain
role_arn = arn:aws:iam::111122223333:role/two
mfa_serial = arn:aws:iam::111122223333:mfa/two
[profile three]
source_profile = two
[profile keyless]
source_profile = nowhere
[profile a]
source_profile = b
[profile b]
source_profile = a
[profile into]
source_profile = b
`;

Deno.test("what is behind a profile is what its whole chain says, whichever is looked at first", async () => {
  const config = openConfig(GRAPH, "/config");
  const names = ["end", "one", "plain", "two", "three", "keyless"];
  for (const order of [names, names.toReversed()]) {
    for (const stored of [["end"], ["end", "plain"], ["three"], []]) {
      const deps: MatchDeps = {
        host: HOST,
        hasKey: (name) => Promise.resolve(stored.includes(name)),
      };
      const chains = new ProfileChains(config, SETTINGS);
      for (const name of order) {
        const [first, ...sources] = resolveChain(config, name, {
          ...SETTINGS,
          activeProfile: name,
        });
        const found = chains.sources(chains.profile(name));
        assert.deepEqual([chains.profile(name), found?.mfaSerial, found?.role], [
          first,
          sources.find(({ mfaSerial }) => mfaSerial !== undefined)?.mfaSerial,
          sources.find(({ roleArn }) => roleArn !== undefined),
        ]);
        const short = await chains.shortChain(name, ROWS, deps);
        const start = async (chain: typeof short) => {
          try {
            return (await findSource(chain, ROWS, deps)).profile.name;
          } catch (error) {
            return (error as Error).message;
          }
        };
        assert.deepEqual(
          await start(short),
          await start([first!, ...sources]),
          `${name} ${stored}`,
        );
      }
    }
  }
});

Deno.test("each profile of a circle, and one that leads to it, has its own error", () => {
  const config = openConfig(GRAPH, "/config");
  const chains = new ProfileChains(config, SETTINGS);
  const ways = ["into", "a", "b"].map((name) => {
    try {
      chains.sources(chains.profile(name));
      return "none";
    } catch (error) {
      return (error as Error).message.replace(/^[^"]*/, "");
    }
  });
  assert.deepEqual(ways, [
    '"into" refers back to itself through source_profile: into → b → a → b',
    '"a" refers back to itself through source_profile: a → b → a',
    '"b" refers back to itself through source_profile: b → a → b',
  ]);
});

Deno.test("a circle of many profiles is shown by its first and its last", () => {
  const text = Array.from(
    { length: 100 },
    (_, i) => `[profile p${i}]\nsource_profile = p${(i + 1) % 100}\n`,
  );
  const config = openConfig(text.join(""), "/config");
  const chains = new ProfileChains(config, SETTINGS);
  const way = '"p7" refers back to itself through source_profile: ' +
    "p7 → p8 → p9 → p10 → p11 → p12 → p13 → p14 → … → p7";
  for (
    const walk of [
      () => chains.sources(chains.profile("p7")),
      () => resolveChain(config, "p7", { ...SETTINGS, activeProfile: "p7" }),
    ]
  ) assert.throws(walk, (error: Error) => error.message.endsWith(way));
});
