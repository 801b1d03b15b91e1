/** The ways to get an MFA code, by name: what `--prompt` and `AWS_VAULT_PROMPT` take. */

import { VaultError } from "../errors.ts";
import { hintsOfNear } from "../near_names.ts";
import { quote } from "../text.ts";

/** The drivers that are not another program: the terminal, and a stored seed (`add --mfa-secret`). */
const OWN_DRIVERS = ["terminal", "totp"] as const;

const EXTERNAL_DRIVERS = [
  "kdialog",
  "osascript",
  "wincredui",
  "ykman",
  "zenity",
  "pass",
  "op",
] as const;

/** A way to get a code that is not another program. */
export type OwnDriver = (typeof OWN_DRIVERS)[number];

/** A program that asks a person, or provides the code itself. */
export type ExternalDriver = (typeof EXTERNAL_DRIVERS)[number];

/** A value of `--prompt`. */
export type PromptDriver = OwnDriver | ExternalDriver;

/** All values of `--prompt`. */
export const PROMPT_DRIVERS: readonly PromptDriver[] = [...OWN_DRIVERS, ...EXTERNAL_DRIVERS];

/** Whether a driver is another program. */
export function isExternal(driver: PromptDriver): driver is ExternalDriver {
  return (EXTERNAL_DRIVERS as readonly PromptDriver[]).includes(driver);
}

/** Parses the value of `--prompt` or `AWS_VAULT_PROMPT`; throws `bad-usage` with the known names. */
export function parsePromptDriver(name: string): PromptDriver {
  const known = PROMPT_DRIVERS.find((driver) => driver === name);
  if (known) return known;
  throw new VaultError("bad-usage", `There is no prompt named ${quote(name)}`, {
    hints: [...hintsOfNear(name, PROMPT_DRIVERS), `Use one of: ${PROMPT_DRIVERS.join(", ")}`],
  });
}
