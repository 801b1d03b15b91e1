/** What every source of credentials keeps (`src/credentials/source.ts`), as one suite that all run. */

import assert from "node:assert/strict";
import { type CanonicalValue, encodeCanonically } from "../../src/cache/canonical.ts";
import { openConfig, type Profile, resolveProfile } from "../../src/config/profile.ts";
import type { CredentialSource, MatchDeps, ObtainDeps } from "../../src/credentials/source.ts";

/** Where a source is tried: what it may use, and the settings of a profile that starts there. */
export interface Scene {
  readonly deps: ObtainDeps;
  readonly settings: Record<string, string>;
  /** Other sections of the config file, by their headers. */
  readonly sections?: Record<string, Record<string, string>>;
  readonly env: Record<string, string>;
  readonly keys: Set<string>;
}

/** A source, a scene in which it gives credentials, and everything that its result depends on. */
export interface SourceCase {
  readonly source: CredentialSource;
  /** A fresh scene; runs in a test's own folder. */
  readonly scene: () => Promise<Scene & AsyncDisposable>;
  /** What this machine has to have for it. */
  readonly needs?: { readonly ignore: boolean };
  /** By name: changes after which the credentials may be other ones. */
  readonly changes: Readonly<Record<string, (scene: Scene) => void | Promise<void>>>;
  /** By name: changes after which nothing of it may be cached. */
  readonly uncached?: Readonly<Record<string, (scene: Scene) => void>>;
  /** By name: changes that leave the identity as it is, and so must not cost a call. */
  readonly same?: Readonly<Record<string, (scene: Scene) => void>>;
}

/** The profile `p` of a scene, or another, as every command resolves it. */
export function profileOf(
  source: CredentialSource,
  { settings, sections = {}, env }: Scene,
  name = "p",
): Profile {
  const all = Object.entries({ [`profile ${name}`]: settings, ...sections });
  const text = all.map(([header, settings]) => `[${header}]\n${linesOf(settings)}`).join("");
  return resolveProfile(openConfig(text, "/config"), name, {
    env: { get: (name) => env[name], all: () => env },
    flags: {},
    activeProfile: name,
    sourceSettings: source.settings,
  });
}

function linesOf(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`).join("");
}

/** The deps by which a source finds whether a profile of the scene starts there. */
export function matchDeps({ deps, keys }: Scene): MatchDeps {
  return { hasKey: (name) => Promise.resolve(keys.has(name)), host: deps.host };
}

async function fingerprintOf(source: CredentialSource, scene: Scene): Promise<string | undefined> {
  const open = await source.open(scene.deps, profileOf(source, scene));
  const fingerprint: CanonicalValue | undefined = await open.fingerprint();
  return fingerprint === undefined ? undefined : encodeCanonically(fingerprint).toHex();
}

/** Registers the tests of a source. */
export function testSource({ source, scene: makeScene, ...rest }: SourceCase): void {
  const { changes, uncached = {}, same = {} } = rest;
  const test = (name: string, story: (scene: Scene) => Promise<void>) =>
    Deno.test({
      ...rest.needs,
      name: `source ${source.kind}: ${name}`,
      async fn() {
        await using scene = await makeScene();
        await story(scene);
      },
    });

  test("matches a profile with its settings, and no bare one", async (scene) => {
    assert.equal(await source.matches(profileOf(source, scene), matchDeps(scene)), true);
    const { deps, env } = scene;
    const bare: Scene = { deps, env, settings: {}, keys: new Set() };
    assert.equal(await source.matches(profileOf(source, bare, "q"), matchDeps(bare)), false);
  });

  test("its settings are never inherited from [default]", (scene) => {
    const lines = Object.entries(scene.settings)
      .filter(([name]) => source.settings.includes(name))
      .map(([name, value]) => `${name} = ${value}\n`);
    const config = openConfig(`[default]\n${lines.join("")}[profile p]\n`, "/config");
    const env = { get: () => undefined, all: () => ({}) };
    const profile = resolveProfile(config, "p", {
      env,
      flags: {},
      activeProfile: "p",
      sourceSettings: source.settings,
    });
    assert.deepEqual(profile.sourceSettings, {});
    return Promise.resolve();
  });

  test("gives credentials, and describes itself without a secret", async (scene) => {
    const profile = profileOf(source, scene);
    const credentials = await (await source.open(scene.deps, profile)).obtain();
    assert.match(credentials.accessKeyId, /^A[A-Z]{3}/);
    assert.equal(source.describe(profile).includes(credentials.secretAccessKey.reveal()), false);
  });

  test("the fingerprint of one request is one", async (scene) => {
    const first = await fingerprintOf(source, scene);
    assert.notEqual(first, undefined);
    assert.equal(await fingerprintOf(source, scene), first);
  });

  for (const [name, change] of Object.entries(changes)) {
    test(`the fingerprint changes with ${name}`, async (scene) => {
      const before = await fingerprintOf(source, scene);
      await change(scene);
      const after = await fingerprintOf(source, scene);
      assert.notEqual(after, undefined);
      assert.notEqual(after, before);
    });
  }
  for (const [name, change] of Object.entries(same)) {
    test(`the fingerprint stays with ${name}`, async (scene) => {
      const before = await fingerprintOf(source, scene);
      change(scene);
      assert.equal(await fingerprintOf(source, scene), before);
    });
  }
  for (const [name, change] of Object.entries(uncached)) {
    test(`nothing is cached with ${name}`, async (scene) => {
      change(scene);
      assert.equal(await fingerprintOf(source, scene), undefined);
    });
  }
}
