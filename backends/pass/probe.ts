/** Whether `pass` or `passage` can be used, judged by its files: nothing is run. */

import { VaultError } from "../../src/errors.ts";
import type { Host } from "../../src/host.ts";
import { asClause, quote } from "../../src/text.ts";
import { parsePrefix } from "./names.ts";
import {
  expandHome,
  PASS_KINDS,
  type PassKind,
  type PassPlace,
  resolvePassFolder,
} from "./store.ts";

/**
 * Why the store cannot be used here, or `undefined` if it can. It needs the program and a store
 * (`.gpg-id`, or an identity of age). Nothing is run.
 */
export function probePass(
  backend: "pass" | "passage",
  deps: Pick<Host, "env" | "files" | "platform" | "programs">,
  options: PassPlace,
): string | undefined {
  const kind = PASS_KINDS[backend];
  const command = options.passCmd || backend;
  if (deps.programs.find(command) === undefined) return `There is no program ${quote(command)}`;
  const folder = resolvePassFolder(kind, deps, options.passDir);
  return missingStore(kind, deps, folder, parsePrefix(options.passPrefix ?? ""));
}

function missingStore(
  kind: PassKind,
  { env, files, platform }: Pick<Host, "env" | "files" | "platform">,
  folder: string,
  prefix: string,
): string | undefined {
  if (kind.backend === "passage") {
    const file = env.get("PASSAGE_IDENTITIES_FILE") || "~/.passage/identities";
    const path = expandHome(file, platform);
    return files.info(path) ? undefined : `There is no identity for age in ${quote(path)}`;
  }
  if (env.get("PASSWORD_STORE_KEY")) return undefined;
  // Each folder may have its own file, which applies to the folders below it, too.
  const parts = prefix.split("/").filter(Boolean);
  const folders = [folder, ...parts.map((_, at) => [folder, ...parts.slice(0, at + 1)].join("/"))];
  if (folders.some((one) => files.info(`${one}/.gpg-id`))) return undefined;
  return `There is no password store in ${quote(folder)}`;
}

/** Throws `keyring-unavailable` if there is no store: the program's own message is less clear. */
export function requireStore(
  kind: PassKind,
  deps: Pick<Host, "env" | "files" | "platform">,
  folder: string,
  prefix: string,
): void {
  const missing = missingStore(kind, deps, folder, prefix);
  if (missing === undefined) return;
  const make = kind.backend === "pass"
    ? "Create one: pass init YOUR-GPG-KEY"
    : "Create one: age-keygen -o ~/.passage/identities";
  throw new VaultError(
    "keyring-unavailable",
    `Cannot store keys in ${kind.backend}: ${asClause(missing)}`,
    {
      hints: [make],
    },
  );
}
