import { examineMode, findLeftovers, folderOf } from "../../src/file_findings.ts";
import type { Finding } from "../../src/finding.ts";
import { examineWay } from "../../src/place_findings.ts";
import type { Host } from "../../src/host.ts";
import {
  PASS_KINDS,
  type PassKind,
  type PassPlace,
  passStore,
  resolvePassFolder,
} from "./store.ts";

/** Who else can change a password store, and what killed processes left in aws-vault's part of it. */
export function examinePassStore(
  backend: PassKind["backend"],
  host: Pick<Host, "files" | "env" | "platform">,
  { passDir, passPrefix = "" }: PassPlace,
): Finding[] {
  const kind = PASS_KINDS[backend];
  const folder = resolvePassFolder(kind, host, passDir);
  const naming = { prefix: passPrefix, extension: kind.extension };
  const store = passStore(host.files, folder, naming, host.platform.os);
  const paths = [store.pathOf("item"), ...store.keys().map((key) => store.pathOf(key))];
  const place = host.files.realPath(folder) ?? folder;
  return [
    ...examineMode(host.files, place, MODE),
    ...examineWay(host, folder, [place]),
    ...[...new Set(paths.map(folderOf))].flatMap((path) => findLeftovers(host.files, path)),
  ];
}

const MODE = {
  writable: "pass-store-writable",
  what: "The password store",
  danger: "they can replace keys, or put old ones back",
};
