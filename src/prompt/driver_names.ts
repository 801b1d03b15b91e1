/** The ways to get an MFA code, by name: what `--prompt` and `AWS_VAULT_PROMPT` take. */

import { VaultError } from "../errors.ts";
import type { Platform } from "../host.ts";
import { hintsOfNear } from "../near_names.ts";
import { quote, systemName } from "../text.ts";

/** The drivers that are not another program: the terminal, and a stored seed (`add --mfa-secret`). */
const OWN_DRIVERS = ["terminal", "totp"] as const;

type System = Platform["os"];

const EVERYWHERE: readonly System[] = ["linux", "darwin", "windows"];

/** The programs, and the systems that have them: no hint names them on another. */
const EXTERNAL_DRIVERS = {
  kdialog: ["linux"],
  osascript: ["darwin"],
  wincredui: ["windows"],
  ykman: EVERYWHERE,
  zenity: ["linux"],
  pass: ["linux", "darwin"],
  op: EVERYWHERE,
} as const satisfies Readonly<Record<string, readonly System[]>>;

/** A way to get a code that is not another program. */
export type OwnDriver = (typeof OWN_DRIVERS)[number];

/** A program that asks a person, or provides the code itself. */
export type ExternalDriver = keyof typeof EXTERNAL_DRIVERS;

/** A value of `--prompt`. */
export type PromptDriver = OwnDriver | ExternalDriver;

/** All values of `--prompt`. */
export const PROMPT_DRIVERS: readonly PromptDriver[] = [
  ...OWN_DRIVERS,
  ...Object.keys(EXTERNAL_DRIVERS) as ExternalDriver[],
];

/** Whether a driver is another program. */
export function isExternal(driver: PromptDriver): driver is ExternalDriver {
  return Object.hasOwn(EXTERNAL_DRIVERS, driver);
}

/** The values of `--prompt` that can be of use on a system. */
export function promptDriversOn(os: System): PromptDriver[] {
  return PROMPT_DRIVERS.filter((driver) => systemsOf(driver).includes(os));
}

function systemsOf(driver: PromptDriver): readonly System[] {
  return isExternal(driver) ? EXTERNAL_DRIVERS[driver] : EVERYWHERE;
}

/** Parses the value of `--prompt` or `AWS_VAULT_PROMPT`; throws `bad-usage` with the known names. */
export function parsePromptDriver(name: string): PromptDriver {
  const known = PROMPT_DRIVERS.find((driver) => driver === name);
  if (known) return known;
  throw new VaultError("bad-usage", `There is no prompt named ${quote(name)}`, {
    hints: [
      ...hintsOfNear(name, PROMPT_DRIVERS),
      `Use one of: ${PROMPT_DRIVERS.map(described).join(", ")}`,
    ],
  });
}

/** With the system that a driver is for. The option is parsed before this machine is known. */
function described(driver: PromptDriver): string {
  const systems = systemsOf(driver);
  return systems === EVERYWHERE ? driver : `${driver} (${systems.map(systemName).join(", ")})`;
}
