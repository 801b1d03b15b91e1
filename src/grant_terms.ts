import type { PolicyWishes } from "./session_policies.ts";

/**
 * The terms under which a grant gives out its profiles' credentials, in addition to the profiles' own terms.
 *
 * Two grants of one profile under different terms are two sets of credentials.
 */
export interface GrantTerms extends PolicyWishes {
  /** The policy itself, as JSON: a file could have changed by the next renewal. */
  readonly policy?: string | undefined;
  /** The coding agent that the grant was made for; the setting `aws_vault_agents` applies to it. */
  readonly agent?: string | undefined;
}

/** The longest lifetime: ten years are as good as no end, and every calendar can represent them. */
export const LONGEST_GRANT_SECONDS = 10 * 366 * 24 * 3600;
