import type { PolicyWishes } from "./session_policies.ts";

/**
 * Under which terms a grant gives the credentials of its profiles, besides those of the profiles themselves.
 *
 * Two grants of one profile under different terms are two sets of credentials.
 */
export interface GrantTerms extends PolicyWishes {
  /** The policy itself, as JSON: a file could be another one at the next renewal. */
  readonly policy?: string | undefined;
  /** The coding agent that the grant was made for, to whom the setting `aws_vault_agents` applies. */
  readonly agent?: string | undefined;
}
