import type { CredentialFlags } from "./context.ts";
import type { PickFlags } from "./pick_unnamed.ts";

/** The flags of `rotate`. */
export interface RotateFlags extends CredentialFlags, PickFlags {
  readonly resume?: boolean | undefined;
  readonly keepOld?: boolean | undefined;
  readonly deleteOther?: string | undefined;
  readonly nothingWasCreated?: boolean | undefined;
  readonly all?: boolean | undefined;
  /** In days. */
  readonly olderThan?: number | undefined;
  readonly dryRun?: boolean | undefined;
}
