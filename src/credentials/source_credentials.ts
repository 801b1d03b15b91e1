import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { readStoredKey } from "./long_term_key.ts";
import type { ObtainDeps, ObtainOptions } from "./obtain.ts";
import type { PlanSource } from "./plan.ts";

/** The credentials that a plan starts with. */
export async function readSource(
  deps: ObtainDeps,
  source: PlanSource,
  _options: ObtainOptions,
): Promise<Credentials> {
  switch (source.kind) {
    case "stored-key":
      return await readKey(deps, source.profile.name);
    case "credential-process": {
      const { runCredentialProcess } = await import("./process.ts");
      return await runCredentialProcess(deps.host, {
        profile: source.profile.name,
        command: source.command,
      });
    }
    case "web-identity": {
      const { obtainWebIdentity } = await import("./web_identity.ts");
      return await obtainWebIdentity(deps, source.profile);
    }
  }
}

async function readKey(deps: ObtainDeps, name: string): Promise<Credentials> {
  const key = await readStoredKey(await deps.keyring(), name);
  if (key !== undefined) return key;
  throw new VaultError(
    "no-credentials",
    `Cannot get credentials for profile ${quote(name)}: its key was removed in the meantime`,
    { hints: [`Store one: aws-vault add ${name}`] },
  );
}
