import { configPath, credentialsPath, loginsFolder } from "../config/files.ts";
import { decodeText } from "../config/file_text.ts";
import type { Check, Scene } from "./check.ts";
import { findPlainKeys } from "./plain_keys.ts";
import { examineWay } from "../place_findings.ts";
import { findWrittenSections } from "./written_section.ts";
import { examineMode, findLeftovers, folderOf } from "../file_findings.ts";

/** The shared credentials file: unencrypted keys in it, and who can read them. */
export const CREDENTIALS_FILE: Check = {
  id: "credentials-file",
  subject: "credentials file",
  steps: [
    ({ host }) => examineMode(host.files, realPathOf(host), MODE),
    ({ host }) => examineWay(host, credentialsPath(host), [configFolder(host)]),
    ({ host }) => foldersOf(host).flatMap((folder) => findLeftovers(host.files, folder)),
    ({ host }) => {
      const path = credentialsPath(host);
      const bytes = host.files.readBytes(path);
      return bytes === undefined ? [] : findPlainKeys(decodeText(bytes, path), path);
    },
    ({ host }) => findWrittenSections(host),
  ],
};

/** The target of the path if it is a link: writes go there. */
function realPathOf(host: Scene["host"]): string {
  const path = credentialsPath(host);
  return host.files.realPath(path) ?? path;
}

/** This folder has a separate check. */
function configFolder({ files, ...host }: Scene["host"]): string {
  const path = configPath(host);
  return folderOf(files.realPath(path) ?? path);
}

/** The files of shared logins contain tokens; they are beside the credentials of the AWS CLI. */
function foldersOf(host: Scene["host"]): string[] {
  const folders = [credentialsPath(host), realPathOf(host)].map(folderOf);
  return [...new Set([...folders, loginsFolder(host) ?? []].flat())];
}

const MODE = {
  writable: "credentials-writable",
  readable: "credentials-readable",
  what: "The credentials file",
  danger: "it contains unencrypted keys",
};
