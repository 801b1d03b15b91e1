import { isSameSecret } from "../constant_time.ts";
import type { Clock, Random } from "../host.ts";
import { Secret } from "../secret.ts";

/** The longest lifetime of a token, 6 hours, in seconds (EC2 User Guide, "Use IMDSv2"). */
export const LONGEST_TTL_SECONDS = 21_600;

/** As in AWS's own such server (rolesanywhere-credential-helper): endless requests cannot fill the memory. */
const MOST_TOKENS = 256;

const TOKEN_BYTES = 32;

interface Token {
  readonly text: Secret;
  readonly endsMs: number;
}

/** The tokens that a metadata service has issued and that are still valid. */
export class MetadataTokens {
  readonly #deps: { readonly clock: Pick<Clock, "monotonicMs">; readonly random: Random };
  #tokens: Token[] = [];

  constructor(deps: { readonly clock: Pick<Clock, "monotonicMs">; readonly random: Random }) {
    this.#deps = deps;
  }

  /** A new token with this lifetime; beyond 256 tokens the one that expires first is dropped. */
  issue(ttlSeconds: number): Secret {
    const { clock, random } = this.#deps;
    const nowMs = clock.monotonicMs();
    const text = new Secret(random.bytes(TOKEN_BYTES).toBase64({ alphabet: "base64url" }));
    const alive = this.#tokens.filter(({ endsMs }) => endsMs > nowMs);
    alive.push({ text, endsMs: nowMs + ttlSeconds * 1000 });
    alive.sort((one, other) => one.endsMs - other.endsMs);
    this.#tokens = alive.slice(-MOST_TOKENS);
    return text;
  }

  /** The remaining lifetime of a token, in whole seconds from 1; `undefined` if it is not valid. */
  secondsLeft(given: string): number | undefined {
    const nowMs = this.#deps.clock.monotonicMs();
    let endsMs = 0;
    // Compares with all of them, so that the time does not reveal which was nearly right.
    for (const token of this.#tokens) {
      if (isSameSecret(given, token.text.reveal())) endsMs = token.endsMs;
    }
    return endsMs > nowMs ? Math.ceil((endsMs - nowMs) / 1000) : undefined;
  }
}
