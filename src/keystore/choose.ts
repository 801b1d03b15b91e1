import type { Backend, BackendInput } from "../backend.ts";
import { hasCode, VaultError } from "../errors.ts";
import type { TalkingHost } from "../talk.ts";
import { nearNames } from "../near_names.ts";
import { asClause, quote, systemName } from "../text.ts";

/** What choosing and opening back ends needs. */
export interface KeystoreDeps {
  readonly host: TalkingHost;
  readonly backends: readonly Backend[];
  readonly input: BackendInput;
}

/** Back ends of ByteNess' aws-vault 7, from which people migrate, that this program does not have. */
const OTHERS_NAMES: ReadonlySet<string> = new Set([
  "op",
  "op-connect",
  "op-desktop",
  "proton-pass",
]);

/** The named back end, not probed, or else the table's first that can be used on this machine. */
export async function chooseBackend(
  deps: KeystoreDeps,
  name: string | undefined,
): Promise<Backend> {
  if (name === undefined) return await firstUsable(deps);
  const named = onThisPlatform(deps).find((backend) => backend.name === name);
  if (named !== undefined) return named;
  throw await unknownBackend(deps, name);
}

async function firstUsable(deps: KeystoreDeps): Promise<Backend> {
  const reasons: string[] = [];
  for (const backend of onThisPlatform(deps)) {
    if (!backend.isAutomatic) continue;
    // Throws for an option that cannot be parsed: a typing mistake must not select another store.
    const reason = await whyNotFirst(deps, backend);
    deps.host.talk.debug(() => `Back end ${backend.name}: ${reason ?? "chosen"}`);
    if (reason === undefined) return backend;
    reasons.push(`${backend.name} cannot be used: ${asClause(reason)}`);
  }
  throw new VaultError("keyring-unavailable", "Cannot find a keystore on this machine", {
    hints: reasons,
  });
}

/** Why a back end is not the one to use, or `undefined` if it can be used and yields to no other. */
async function whyNotFirst(
  { host, input }: KeystoreDeps,
  backend: Backend,
): Promise<string | undefined> {
  return await backend.probe(host, input) ?? await backend.yieldsTo?.(host, input);
}

/** The back ends for this platform, in the table's order. */
export function onThisPlatform({ backends, host }: Omit<KeystoreDeps, "input">): Backend[] {
  return backends.filter(({ platforms }) => platforms.includes(host.platform.os));
}

/** Why a back end cannot be used here, or `undefined` if it can; an unusable option or file is a reason. */
export async function whyUnusable(
  { host, input }: KeystoreDeps,
  backend: Backend,
): Promise<string | undefined> {
  try {
    return await backend.probe(host, input);
  } catch (error) {
    if (hasCode(error, "bad-usage", "file-failed", "unsafe-file")) return error.message;
    throw error;
  }
}

async function unknownBackend(deps: KeystoreDeps, name: string): Promise<VaultError> {
  const reasons = await Promise.all(
    onThisPlatform(deps).map(async (backend) => {
      const reason = await whyUnusable(deps, backend);
      return reason === undefined
        ? `${backend.name} can be used: --backend=${backend.name}`
        : `${backend.name} cannot be used: ${asClause(reason)}`;
    }),
  );
  const elsewhere = deps.backends.find((backend) => backend.name === name);
  const isOthers = elsewhere === undefined && OTHERS_NAMES.has(name);
  const why = elsewhere !== undefined
    ? `it is for ${elsewhere.platforms.map(systemName).join(" and ")}`
    : isOthers
    ? "this aws-vault does not have it"
    : "there is no back end of that name";
  return new VaultError("bad-usage", `Cannot use back end ${quote(name)}: ${why}`, {
    hints: [...isOthers ? [MOVE_FIRST] : elsewhere ? [] : hintAtNear(deps, name), ...reasons],
  });
}

const MOVE_FIRST =
  "Version 7 has it: move its keys with version 7's migrate-backend to a keystore that both versions have";

function hintAtNear(deps: KeystoreDeps, name: string): string[] {
  const near = nearNames(name, onThisPlatform(deps).map((backend) => backend.name));
  return near.length === 0 ? [] : [`Did you mean ${near.join(" or ")}?`];
}
