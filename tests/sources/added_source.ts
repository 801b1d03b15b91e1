/**
 * A source of credentials that the program does not have, in one file.
 *
 * Run by itself, it is the program with that source.
 */

import { BACKENDS } from "../../backends/mod.ts";
import { run } from "../../src/cli/run.ts";
import type { CredentialSource } from "../../src/credentials/source.ts";
import { SOURCES as OURS } from "../../src/credentials/sources/mod.ts";
import { Secret } from "../../src/secret.ts";
import { systemHost } from "../../src/system/host.ts";

/** How often the source was asked for credentials. */
export const obtained: string[] = [];

/** A source that nobody else has: credentials that are written in the config file. */
export const LETTER: CredentialSource = {
  kind: "letter",
  settings: ["letter_text"],
  canShowMfa: false,
  takesRole: false,
  matches: ({ sourceSettings }) => sourceSettings["letter_text"] !== undefined,
  describe: ({ name }) => `a letter to profile "${name}"`,
  open: ({ host }, { sourceSettings }) => ({
    fingerprint: () => ({ text: sourceSettings["letter_text"] }),
    obtain: () => {
      const [accessKeyId = "", secret = ""] = sourceSettings["letter_text"]!.split(" ");
      obtained.push(accessKeyId);
      const expiration = host.clock.now().add({ hours: 1 });
      return Promise.resolve({ accessKeyId, secretAccessKey: new Secret(secret), expiration });
    },
  }),
};

/** The program's table with one row more. */
export const SOURCES: readonly CredentialSource[] = [...OURS, LETTER];

if (import.meta.main) Deno.exit(await run(Deno.args, systemHost(), BACKENDS, SOURCES));
