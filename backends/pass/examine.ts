import { findLeftovers, folderOf } from "../../src/file_findings.ts";
import type { Finding } from "../../src/finding.ts";
import type { Host } from "../../src/host.ts";
import { PASS_KINDS, type PassKind, type PassPlace, resolvePassFolder } from "./store.ts";

/** What killed processes left in a password store, where aws-vault has its items. */
export function examinePassStore(
  backend: PassKind["backend"],
  host: Pick<Host, "files" | "env" | "platform">,
  { passDir, passPrefix = "" }: PassPlace,
): Finding[] {
  const folder = resolvePassFolder(PASS_KINDS[backend], host, passDir);
  return findLeftovers(host.files, folderOf(`${folder}/${passPrefix && `${passPrefix}/`}item`));
}
