/** Failures of `pass` and `passage`, distinguished by what can be done about them. */

import { VaultError } from "../../src/errors.ts";
import type { ProgramFailure } from "../../src/host.ts";
import { asClause, quote, wordToType } from "../../src/text.ts";

/** Which of the two programs failed, and how it is called. */
export interface FailedProgram {
  readonly backend: "pass" | "passage";
  readonly command: string;
}

/** What it was asked to do. */
export interface FailedCall {
  readonly doing: string;
  readonly args: readonly string[];
}

/** The error of a program that could not be started, or did not end in time. */
export function passNotRun(
  program: FailedProgram,
  call: FailedCall,
  cause: ProgramFailure,
  mayAsk: boolean,
): VaultError {
  const { backend, command } = program;
  const { doing } = call;
  const message = `Cannot ${doing} ${backend}: ${asClause(cause.message)}`;
  if (cause.kind !== "timeout") {
    return new VaultError("keyring-unavailable", message, {
      cause,
      hints: [`Install ${quote(command)}, or name the program with --pass-cmd`],
    });
  }
  if (!mayAsk) return new VaultError("keyring-failed", message, { cause });
  return new VaultError("keyring-locked", message, { cause, hints: waysOut(program, call) });
}

function waysOut({ backend, command }: FailedProgram, { args }: FailedCall): string[] {
  if (backend === "passage") {
    return ["Run it in a terminal, where age can ask for the passphrase or PIN of the identity"];
  }
  return [
    `Unlock the key in a terminal, where gpg can ask: ${wordToType(command)} show ${
      wordToType(args.at(-1) ?? "")
    }`,
    "Let gpg-agent keep it unlocked for longer: default-cache-ttl in gpg-agent.conf",
  ];
}

/** The error of a program that failed, from what it wrote to standard error. */
export function passFailed(
  program: FailedProgram,
  call: FailedCall,
  stderr: string,
  code: number,
): VaultError {
  const { backend } = program;
  const { doing } = call;
  const said = lastWords(stderr);
  const message = (reason: string) =>
    `Cannot ${doing} ${backend}: ${reason}${said === "" ? "" : ` (${said})`}`;
  const state = backend === "pass" ? gpgState(stderr) : ageState(stderr);
  if (state === "locked") {
    const reason = backend === "pass" ? "gpg did not unlock the secret key" : "age could not ask";
    return new VaultError("keyring-locked", message(reason), { hints: waysOut(program, call) });
  }
  if (state === "no-key") {
    const reason = "this machine has none of the keys that it was encrypted for";
    return new VaultError("keyring-failed", message(reason));
  }
  if (state === "damaged") {
    return new VaultError("damaged-item", message("its file is damaged"), {
      hints: ["It was left in place; restore it, or store the key again"],
    });
  }
  return new VaultError("keyring-failed", message(`it ended with exit code ${code}`));
}

type State = "locked" | "no-key" | "damaged" | "other";

/**
 * What gpg's status lines report (GnuPG's doc/DETAILS): gpg considers a key only if it has its
 * secret part, and names the key that it used when that was unlocked. In both cases the text is the
 * same "No secret key", translated.
 */
function gpgState(stderr: string): State {
  const has = (keyword: string) => stderr.includes(`[GNUPG:] ${keyword}`);
  if (has("NODATA") || has("DECRYPTION_KEY")) return "damaged";
  if (!has("DECRYPTION_FAILED")) return "other";
  if (has("ENC_TO")) return has("KEY_CONSIDERED") ? "locked" : "no-key";
  return "damaged";
}

/** age's messages are always English. */
function ageState(stderr: string): State {
  if (/passphrase|terminal|\/dev\/tty|\bPIN\b|touch/i.test(stderr)) return "locked";
  if (/no identity matched/.test(stderr)) return "no-key";
  if (/failed to (read|parse) (intro|header)|unexpected EOF|authenticat/i.test(stderr)) {
    return "damaged";
  }
  return "other";
}

/** The last line meant for people, on one line and shortened. */
function lastWords(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim());
  const said = lines.filter((line) => line !== "" && !line.startsWith("[GNUPG:]"));
  return (said.at(-1) ?? "").slice(0, 300);
}
