import { examineMode, findLeftovers, removal } from "../../src/file_findings.ts";
import { unlessFileFails } from "../../src/errors.ts";
import type { Finding } from "../../src/finding.ts";
import { examineOwners, examineWay } from "../../src/place_findings.ts";
import type { Host } from "../../src/host.ts";
import { commandLine, counted, quote } from "../../src/text.ts";
import { hasFewRounds } from "./jwe.ts";
import { changePlace, fileStore } from "./store.ts";

/** What is wrong in a file store: who else can change it, what was left in it, how it was encrypted. */
export function examineFileStore(
  host: Pick<Host, "files" | "platform">,
  folder: string,
): Finding[] {
  const { files, platform } = host;
  const place = files.realPath(folder) ?? folder;
  const store = fileStore(files, folder, platform.os);
  const texts = unlessFileFails(() => [...store.texts()]) ?? [];
  const weak = texts.filter(({ text }) => hasFewRounds(text));
  return [
    ...examineMode(files, place, MODE),
    ...examineMode(files, `${place}.lock`, LOCK_MODE),
    ...unlessFileFails(() => unfinishedChange(host, folder)) ?? [],
    ...examineWay(host, folder, [place]),
    ...examineOwners(files, place, []),
    ...findLeftovers(files, place),
    ...(weak.length === 0 ? [] : [weaklyEncrypted(folder, weak.length)]),
  ];
}

const MODE = {
  writable: "file-store-writable",
  what: "The file store",
  danger: "they can replace keys, or put old ones back",
};

const LOCK_MODE = {
  writable: "file-store-lock-writable",
  what: "The lock of the file store",
  danger: "anyone who holds it makes every change of a key wait",
};

function unfinishedChange(
  { files, platform }: Pick<Host, "files" | "platform">,
  folder: string,
): Finding[] {
  const change = changePlace(folder).folder;
  const kind = files.info(change, { followLinks: false })?.kind;
  if (kind === undefined) return [];
  const isOurs = kind === "folder";
  return [{
    id: "change-unfinished",
    severity: "warning",
    subject: folder,
    message: isOurs
      ? `A change of the passphrase was killed, or is still running: ${quote(change)} exists`
      : `Nothing can be stored: ${
        quote(change)
      } is not a folder, and aws-vault does not create such a thing`,
    todo: isOurs
      ? "The next command that stores or removes a key finishes it, such as " +
        commandLine(["change-passphrase"])
      : `Ask who can write to the store, and remove it: ${removal(change, platform.os)}`,
  }];
}

function weaklyEncrypted(folder: string, count: number): Finding {
  return {
    id: "few-rounds",
    severity: "note",
    subject: folder,
    message:
      `${counted(count, "item")} of ${quote(folder)} are encrypted as aws-vault 7 does, with ` +
      "fewer rounds of PBKDF2 than now: anyone who has the files can guess the passphrase faster",
    todo: `${
      commandLine(["change-passphrase"])
    } re-encrypts them; the passphrase can stay the same`,
  };
}
