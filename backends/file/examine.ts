import { examineMode, findLeftovers } from "../../src/file_findings.ts";
import type { Finding } from "../../src/finding.ts";
import type { Host } from "../../src/host.ts";
import { commandLine, counted, quote } from "../../src/text.ts";
import { hasFewRounds } from "./jwe.ts";
import { fileStore } from "./store.ts";

/** What is wrong in a file store: who else can change it, what was left in it, how it was encrypted. */
export function examineFileStore(
  { files, platform }: Pick<Host, "files" | "platform">,
  folder: string,
): Finding[] {
  const place = files.realPath(folder) ?? folder;
  const store = fileStore(files, folder, platform.os);
  const weak = [...store.texts()].filter(({ text }) => hasFewRounds(text)).map(({ key }) => key);
  return [
    ...examineMode(files, place, MODE),
    ...findLeftovers(files, place),
    ...(weak.length === 0 ? [] : [weaklyEncrypted(folder, weak.length)]),
  ];
}

const MODE = {
  writable: "file-store-writable",
  what: "The file store",
  danger: "they can replace keys, or put old ones back",
};

function weaklyEncrypted(folder: string, count: number): Finding {
  return {
    id: "few-rounds",
    severity: "note",
    subject: folder,
    message:
      `${counted(count, "item")} of ${quote(folder)} are encrypted as aws-vault 7 does, with ` +
      "fewer rounds of PBKDF2 than now: who has the files guesses the passphrase more quickly",
    todo: `${commandLine(["change-passphrase"])} writes them again; the passphrase can be the same`,
  };
}
