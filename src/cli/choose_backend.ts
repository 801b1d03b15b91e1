import type { Backend, BackendHost, BackendOptions } from "../backend.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";

/** The back end of a name, or the first of the table that can be used on this machine. */
export async function chooseBackend(
  host: BackendHost,
  backends: readonly Backend[],
  name: string | undefined,
  options: BackendOptions,
): Promise<Backend> {
  if (name !== undefined) {
    const named = backends.find((backend) => backend.name === name);
    if (named?.platforms.includes(host.platform.os)) return named;
    throw await unknownBackend(host, backends, name, options);
  }
  for (const backend of candidates(host, backends)) {
    const reason = await backend.probe(host, options);
    host.talk.debug(() => `Back end ${backend.name}: ${reason ?? "chosen"}`);
    if (reason === undefined) return backend;
  }
  throw new VaultError("keyring-unavailable", "Cannot find a keystore on this machine", {
    hints: ["Use the encrypted file store: --backend=file"],
  });
}

function candidates(host: BackendHost, backends: readonly Backend[]): Backend[] {
  return backends.filter((backend) =>
    backend.isAutomatic && backend.platforms.includes(host.platform.os)
  );
}

async function unknownBackend(
  host: BackendHost,
  backends: readonly Backend[],
  name: string,
  options: BackendOptions,
): Promise<VaultError> {
  const here = backends.filter((backend) => backend.platforms.includes(host.platform.os));
  const reasons = await Promise.all(here.map(async (backend) => {
    const reason = await backend.probe(host, options);
    return `${backend.name}: ${reason ?? "can be used here"}`;
  }));
  return new VaultError(
    "bad-usage",
    `Cannot use back end ${quote(name)}: there is none of that name here`,
    {
      hints: reasons,
    },
  );
}
