import { PASSPHRASE_VARIABLE } from "../../src/helper_environment.ts";
import type { Host } from "../../src/host.ts";

export { PASSPHRASE_VARIABLE };

/** What a flag says about the passphrase. Without a flag: the environment, then the terminal. */
export interface PassphraseSource {
  /** `--passphrase-fd N`: read from this open descriptor. */
  readonly descriptor?: number | undefined;
  /** `--passphrase-command CMD`: what this program prints, run without a shell. */
  readonly command?: string | undefined;
}

/**
 * Whether the passphrase is already available, so that no person is asked and no program is run.
 *
 * Such a passphrase is used even while the store is unlocked, at its full cost: a wrong one is refused
 * immediately, not only when the unlock is over.
 */
export function isPassphraseReady(deps: Pick<Host, "env">, source: PassphraseSource): boolean {
  if (source.descriptor !== undefined) return true;
  return source.command === undefined && deps.env.get(PASSPHRASE_VARIABLE) !== undefined;
}
