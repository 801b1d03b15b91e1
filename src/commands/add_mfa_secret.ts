/**
 * `add --mfa-secret`: the seed of an MFA device in the keystore, for people who do not want a
 * second device.
 */

import { readConfig } from "../config/files.ts";
import { withoutOuterExec } from "../config/outer_exec.ts";
import { resolveProfile } from "../config/profile.ts";
import { totpName } from "../credentials/key_names.ts";
import { sourceSettings } from "../credentials/source.ts";
import { writeSeed } from "../credentials/stored_totp.ts";
import { parseTotpSeed } from "../credentials/totp.ts";
import { VaultError } from "../errors.ts";
import { askUntilValid } from "../prompt/ask_until_valid.ts";
import { Secret } from "../secret.ts";
import { commandLine, quote } from "../text.ts";
import { confirm } from "./confirm.ts";
import type { Invocation } from "./context.ts";
import { withKeyLock } from "./key_lock.ts";

const FORM = "A seed has 16 or more letters and digits from 2 to 7, or begins with otpauth://totp/";

/**
 * Stores the seed of a profile's MFA device as a separate item. The seed is typed without echo, or read from
 * standard input if that is not a terminal; it is never in an argument.
 */
export async function storeMfaSecret(invocation: Invocation, profile: string): Promise<void> {
  const serial = requireSerial(invocation, profile);
  const keyring = await invocation.keyring();
  const name = totpName(serial);
  if (await keyring.has(name)) await confirmReplacement(invocation, serial);
  const seed = await readSeed(invocation, serial);
  const store = () => writeSeed(keyring, name, serial, seed, { standsAlone: true });
  await withKeyLock(invocation, [keyring], name, store);
  reportStored(invocation, serial);
}

/** Reports that a seed is stored, and the consequences. */
export function reportStored({ host }: Invocation, serial: string): void {
  host.talk.answer(`Stored the seed of MFA device ${quote(serial)}`);
  host.talk.warn(
    "Key and MFA device are now in one place: anyone who opens this keystore has both factors",
  );
}

/** The profile's MFA device in its current settings, which the command may have just written. */
export function requireSerial({ host, sources }: Invocation, profile: string): string {
  const config = readConfig(host);
  const own = sourceSettings(sources);
  const { mfaSerial } = resolveProfile(config, profile, {
    env: withoutOuterExec(host.env, config, own),
    flags: {},
    activeProfile: profile,
    sourceSettings: own,
  });
  if (mfaSerial !== undefined) return mfaSerial;
  throw new VaultError(
    "bad-config",
    `Cannot tell which MFA device is meant: profile ${quote(profile)} has no mfa_serial`,
    {
      hints: [
        `Add to profile ${quote(profile)} in ${quote(config.path)}: mfa_serial = ARN`,
        `Then: ${commandLine(["add", "--mfa-secret"], profile)}`,
      ],
    },
  );
}

async function confirmReplacement(invocation: Invocation, serial: string): Promise<void> {
  // A script that gives the seed on standard input does so on purpose.
  if (!invocation.host.stdin.isTerminal()) return;
  const what = `the seed of MFA device ${quote(serial)}`;
  const needed = { message: `Cannot replace ${what}: nobody can be asked`, hint: FORM };
  if (await confirm(invocation, `There is already ${what}. Replace it?`, needed)) return;
  throw new VaultError("conflict", `Kept ${what}`);
}

async function readSeed({ host, mayPrompt }: Invocation, serial: string): Promise<Secret> {
  if (!host.stdin.isTerminal()) return seedOf(readStandardInput(host));
  if (!mayPrompt || !await host.terminal.isAvailable()) {
    throw new VaultError("needs-person", "Cannot ask for the seed: there is no terminal", {
      hints: ["Give it on standard input"],
    });
  }
  const text = await askUntilValid(host, {
    question: `Enter the secret key (seed) of ${serial}: `,
    hidden: true,
    form: FORM,
    isValid: (answer) => parseTotpSeed(new Secret(answer)) !== undefined,
  });
  return seedOf(new Secret(text));
}

function readStandardInput({ files }: Invocation["host"]): Secret {
  return new Secret(new TextDecoder().decode(files.readDescriptor(0)));
}

function seedOf(text: Secret): Secret {
  const seed = parseTotpSeed(text);
  if (seed !== undefined) return seed;
  throw new VaultError(
    "bad-usage",
    "Cannot use what was read from standard input: it is not a seed",
    {
      hints: [FORM],
    },
  );
}
