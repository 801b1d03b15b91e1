/**
 * The chains of many profiles; each profile is resolved once. When the whole chain was walked for each of its
 * profiles, a chain of 1,000 took a minute.
 */

import { loopError, settingsOf } from "../config/inherit.ts";
import {
  type ConfigFile,
  type Profile,
  type ProfileSettings,
  resolveProfile,
} from "../config/profile.ts";
import type { CredentialSource, MatchDeps } from "../credentials/source.ts";

/** The source of a profile's credentials, as far as checks need it. */
export interface Sources {
  /** The nearest MFA device. */
  readonly mfaSerial?: string | undefined;
  /** The nearest profile with a role. */
  readonly role?: Profile | undefined;
}

/** A profile as the source of others, with the rest of its chain. */
interface Link extends Sources {
  readonly profile: Profile;
  /** The profile to which the chain loops back; absent: the chain ends. */
  readonly loop?: string | undefined;
}

/** The number of names of a loop that its error shows. */
const MOST_NAMES = 12;

/** Resolves the chains of one config file, in one environment. */
export class ProfileChains {
  readonly #config: ConfigFile;
  readonly #settings: Omit<ProfileSettings, "activeProfile">;
  readonly #links = new Map<string, Link>();
  readonly #starts = new Map<string, Profile>();

  constructor(config: ConfigFile, settings: Omit<ProfileSettings, "activeProfile">) {
    this.#config = config;
    this.#settings = settings;
  }

  /** Resolves a profile as if it was requested. Throws as {@linkcode resolveProfile} does. */
  profile(name: string): Profile {
    return resolveProfile(this.#config, name, { ...this.#settings, activeProfile: name });
  }

  /**
   * The chain after a profile; `undefined` if it has no source profile. Throws `bad-config` if the
   * profiles form a loop, and the errors of {@linkcode resolveProfile} for one of them.
   */
  sources({ name, sourceProfile }: Profile): Sources | undefined {
    if (sourceProfile === undefined) return undefined;
    const link = this.#link(sourceProfile);
    if (link.loop === undefined) return link;
    const closing = settingsOf(this.#config, name).get("source_profile")!;
    throw loopError(name, closing, this.#wayRound(name, link.loop));
  }

  /**
   * The chain of a profile, reduced to what decides whether its credentials can be obtained: the profile, the
   * nearest role after it, and the start of the chain.
   */
  async shortChain(
    name: string,
    rows: readonly CredentialSource[],
    deps: MatchDeps,
  ): Promise<Profile[]> {
    const profile = this.profile(name);
    const sources = this.sources(profile);
    if (sources === undefined) return [profile];
    const start = await this.#start(profile.sourceProfile!, rows, deps);
    const between = sources.role === undefined || sources.role === start ? [] : [sources.role];
    return [profile, ...between, start];
  }

  #link(name: string): Link {
    const path = new Map<string, Profile>();
    let next: string | undefined = name;
    while (next !== undefined && !this.#links.has(next) && !path.has(next)) {
      const profile = resolveProfile(this.#config, next, {
        ...this.#settings,
        activeProfile: undefined,
      });
      path.set(next, profile);
      next = profile.sourceProfile;
    }
    this.#join([...path.values()], next);
    return this.#links.get(name)!;
  }

  /** Links profiles, each the source of the previous one, to the rest of the chain. */
  #join(path: readonly Profile[], behind: string | undefined): void {
    const loop = path.findIndex(({ name }) => name === behind);
    let link = behind === undefined ? undefined : this.#links.get(behind);
    for (const [i, profile] of [...path.entries()].reverse()) {
      const isRound = loop >= 0 && i >= loop;
      link = {
        profile,
        mfaSerial: profile.mfaSerial ?? link?.mfaSerial,
        role: profile.roleArn === undefined ? link?.role : profile,
        loop: isRound ? profile.name : loop >= 0 ? behind : link?.loop,
      };
      this.#links.set(profile.name, link);
    }
  }

  /** The loop from a profile: as many names as an error shows, and the one that closes it. */
  #wayRound(name: string, loop: string): string[] {
    const names = new Set<string>();
    let next: string | undefined = name;
    while (next !== undefined && !names.has(next) && names.size < MOST_NAMES) {
      names.add(next);
      next = settingsOf(this.#config, next).getText("source_profile")?.value;
    }
    const isWhole = next !== undefined && names.has(next);
    return [...names, isWhole ? next! : this.#links.get(name)?.loop ?? loop];
  }

  /** Same choice as `findSource`: the nearest profile with a stored key, else the end of the chain. */
  async #start(
    name: string,
    rows: readonly CredentialSource[],
    deps: MatchDeps,
  ): Promise<Profile> {
    const path: string[] = [];
    let start = this.#starts.get(name);
    for (let next = name; start === undefined;) {
      path.push(next);
      const { profile } = this.#links.get(next)!;
      if (await hasKey(profile, rows, deps)) start = profile;
      else if (profile.sourceProfile === undefined) start = profile;
      else start = this.#starts.get(next = profile.sourceProfile);
    }
    for (const passed of path) this.#starts.set(passed, start);
    return start;
  }
}

async function hasKey(
  profile: Profile,
  rows: readonly CredentialSource[],
  deps: MatchDeps,
): Promise<boolean> {
  for (const row of rows) {
    if (row.keyName !== undefined && await row.matches(profile, deps)) return true;
  }
  return false;
}
