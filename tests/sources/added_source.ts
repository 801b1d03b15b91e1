import type { CredentialSource } from "../../src/credentials/source.ts";
import { Secret } from "../../src/secret.ts";

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
