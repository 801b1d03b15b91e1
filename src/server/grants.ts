/**
 * Grants: who may read which profiles of a server, and until when.
 *
 * They are only in the memory of the server, tokens included: nobody finds one in a file or a
 * backup, and all of them end with the server.
 */

import { isSameSecret } from "../constant_time.ts";
import { VaultError } from "../errors.ts";
import type { GrantTerms } from "../grant_terms.ts";
import type { Clock, Random } from "../host.ts";
import { Secret } from "../secret.ts";
import { commandLine, quote } from "../text.ts";

/** Permission to read profiles. */
export interface Grant {
  readonly name: string;
  readonly profiles: readonly string[];
  /** `undefined`: until the server ends. */
  readonly expiration: Temporal.Instant | undefined;
  /** The terms of its credentials, which no grant with other terms gives. */
  readonly terms: GrantTerms;
  /** The policies that narrow each profile's credentials, in words, as of its creation. */
  readonly policies: PoliciesByProfile;
}

/** By profile name. */
export type PoliciesByProfile = ReadonlyMap<string, readonly string[]>;

/** A grant that was just made, with its token. */
export interface NewGrant {
  readonly grant: Grant;
  readonly token: Secret;
}

/** The parameters of a new grant. */
export interface GrantRequest {
  /** If absent: a free one, after the first profile. */
  readonly name?: string | undefined;
  readonly profiles: readonly string[];
  readonly lifetimeSeconds?: number | undefined;
  readonly terms?: GrantTerms | undefined;
  readonly policies?: PoliciesByProfile | undefined;
}

/** The grant that a token belongs to, and its state. */
export interface Standing {
  readonly grant: Grant;
  readonly state: "live" | "ended" | "revoked";
}

interface Entry extends NewGrant {
  isRevoked: boolean;
}

const TOKEN_BYTES = 32;

/** A program that makes more than this is faulty. */
const MOST_GRANTS = 1000;

/** This many ended grants are remembered, so that their programs learn why they get nothing. */
const MOST_REMEMBERED = 100;

/** The grants of one server. */
export class Grants {
  readonly #deps: { readonly clock: Pick<Clock, "now">; readonly random: Pick<Random, "bytes"> };
  #entries: Entry[] = [];

  constructor(deps: { clock: Pick<Clock, "now">; random: Pick<Random, "bytes"> }) {
    this.#deps = deps;
  }

  /** Makes one; throws `conflict` if the name is taken, or there are too many. */
  make(
    { name, profiles, lifetimeSeconds, terms = {}, policies = new Map() }: GrantRequest,
  ): NewGrant {
    const live = this.live();
    const names = new Set(live.map((grant) => grant.name));
    if (name !== undefined && names.has(name)) {
      throw new VaultError(
        "conflict",
        `Cannot create grant ${quote(name)}: there is already one of that name`,
        {
          hints: [`Choose another name, or revoke it: ${commandLine(["grant", "--revoke"], name)}`],
        },
      );
    }
    if (live.length >= MOST_GRANTS) {
      throw new VaultError("conflict", `Cannot create a grant: there are already ${MOST_GRANTS}`);
    }
    const { clock, random } = this.#deps;
    const grant = {
      name: name ?? freeName(profiles[0] ?? "grant", names),
      profiles: [...profiles],
      expiration: lifetimeSeconds === undefined
        ? undefined
        : clock.now().add({ seconds: lifetimeSeconds }),
      terms,
      policies,
    };
    const token = new Secret(
      random.bytes(TOKEN_BYTES).toBase64({ alphabet: "base64url", omitPadding: true }),
    );
    this.#entries.push({ grant, token, isRevoked: false });
    this.#forget();
    return { grant, token };
  }

  /** The valid ones, oldest first. */
  live(): Grant[] {
    return this.#entries.filter((entry) => this.#stateOf(entry) === "live").map(({ grant }) =>
      grant
    );
  }

  /** Ends one; `undefined` if no valid grant has the name. */
  revoke(name: string): Grant | undefined {
    const entry = this.#entries.find((entry) =>
      entry.grant.name === name && this.#stateOf(entry) === "live"
    );
    if (entry !== undefined) entry.isRevoked = true;
    return entry?.grant;
  }

  /**
   * Finds the grant of a token. All tokens are compared, each in constant time: a time that depends
   * on how much of a token is right would let an attacker find a token piece by piece.
   */
  find(token: string): Standing | undefined {
    let found: Entry | undefined;
    for (const entry of this.#entries) {
      if (isSameSecret(token, entry.token.reveal())) found = entry;
    }
    return found && { grant: found.grant, state: this.#stateOf(found) };
  }

  #stateOf({ grant, isRevoked }: Entry): Standing["state"] {
    if (isRevoked) return "revoked";
    const { expiration } = grant;
    if (expiration === undefined) return "live";
    return Temporal.Instant.compare(this.#deps.clock.now(), expiration) < 0 ? "live" : "ended";
  }

  #forget(): void {
    const over = this.#entries.filter((entry) => this.#stateOf(entry) !== "live");
    const forgotten = new Set(over.slice(0, Math.max(0, over.length - MOST_REMEMBERED)));
    this.#entries = this.#entries.filter((entry) => !forgotten.has(entry));
  }
}

/** The first free name of `work`, `work-2`, `work-3`, and so on. */
function freeName(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base;
  for (let number = 2;; number++) {
    const name = `${base}-${number}`;
    if (!taken.has(name)) return name;
  }
}
