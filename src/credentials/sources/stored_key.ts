import type { Credentials } from "../../credentials.ts";
import { VaultError } from "../../errors.ts";
import { commandLine, quote } from "../../text.ts";
import { classifyItem } from "../key_names.ts";
import type { CredentialSource, ObtainDeps } from "../source.ts";

/** A long-term key in the keyring, under the profile's name. */
export const STORED_KEY: CredentialSource = {
  kind: "stored-key",
  settings: [],
  canShowMfa: true,
  takesRole: false,
  keyName: ({ name }) => name,
  asksNobody: () => true,
  // An item of another kind is not a key, whatever profile is requested.
  matches: ({ name }, { hasKey }) => classifyItem(name) === "credential" && hasKey(name),
  describe: ({ name }) => `the key stored for profile ${quote(name)}`,
  open: (deps, { name }) => ({
    // The counter identifies the key without a read of the keyring: each command that replaces a
    // key increments it.
    fingerprint: async () => ({ name, generation: (await deps.cache()).generation(name) }),
    obtain: () => readKey(deps, name),
  }),
};

async function readKey(deps: ObtainDeps, name: string): Promise<Credentials> {
  const { readStoredKey } = await import("../long_term_key.ts");
  const key = await readStoredKey(await deps.keyring(), name);
  if (key !== undefined) return key;
  throw new VaultError(
    "no-credentials",
    `Cannot get credentials for profile ${quote(name)}: its key was removed in the meantime`,
    { hints: [`Store one: ${commandLine(["add"], name)}`] },
  );
}
