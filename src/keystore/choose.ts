import type { Backend, BackendHost, BackendOptions } from "../backend.ts";
import { VaultError } from "../errors.ts";
import type { Platform } from "../host.ts";
import { BACKEND_NAMES } from "../keyring.ts";
import { escapeControls, quote } from "../text.ts";

/** The back end of a name, not probed; or the first of the table that can be used on this machine. */
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
  for (const backend of onThisPlatform(host, backends)) {
    if (!backend.isAutomatic) continue;
    const reason = await backend.probe(host, options);
    host.talk.debug(() => `Back end ${backend.name}: ${reason ?? "chosen"}`);
    if (reason === undefined) return backend;
  }
  throw new VaultError("keyring-unavailable", "Cannot find a keystore on this machine", {
    hints: ["Use the encrypted file store: --backend=file"],
  });
}

function onThisPlatform(host: BackendHost, backends: readonly Backend[]): Backend[] {
  return backends.filter((backend) => backend.platforms.includes(host.platform.os));
}

async function unknownBackend(
  host: BackendHost,
  backends: readonly Backend[],
  name: string,
  options: BackendOptions,
): Promise<VaultError> {
  const here = onThisPlatform(host, backends);
  const reasons = await Promise.all(here.map(async (backend) => {
    const reason = await backend.probe(host, options);
    return reason === undefined
      ? `${backend.name} can be used: --backend=${backend.name}`
      : `${backend.name} cannot be used: ${escapeControls(reason)}`;
  }));
  const elsewhere = backends.find((backend) => backend.name === name);
  const why = elsewhere !== undefined
    ? `it is for ${elsewhere.platforms.map(platformName).join(" and ")}`
    : BACKEND_NAMES.some((known) => known === name)
    ? "this aws-vault does not have it"
    : "there is none of that name";
  return new VaultError("bad-usage", `Cannot use back end ${quote(name)}: ${why}`, {
    hints: reasons,
  });
}

function platformName(os: Platform["os"]): string {
  return { linux: "Linux", darwin: "macOS", windows: "Windows" }[os];
}
