/** `export --format=ini --output FILE --section NAME`: writes one section of a file that other tools read. */

import { readSetting, removeCredentials, writeCredentials } from "../config/credentials_section.ts";
import { editFile, readEditable } from "../config/edit_file.ts";
import type { Credentials } from "../credentials.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import {
  readWrittenSections,
  writeWrittenSections,
  type WrittenSection,
  writtenSectionsPath,
} from "../written_sections.ts";
import type { Invocation } from "./context.ts";
import { formatInstant } from "./export_formats.ts";
import { withFileLock } from "./file_lock.ts";

/** The file and the section. */
export interface SectionPlace {
  readonly path: string;
  readonly section: string;
  /** In seconds (`--for`). */
  readonly keepSeconds?: number | undefined;
}

/** Throws if the section cannot be written, before anybody is asked for a code. */
export function requireWritable({ host }: Invocation, { path, section }: SectionPlace): void {
  writeCredentials(readEditable(host, path) ?? "", path, section, []);
}

/** Writes the section, notes that it exists, and reports the consequences. */
export async function exportSection(
  invocation: Invocation,
  { profile }: ProfilePlan,
  { path, section, keepSeconds }: SectionPlace,
  { name, credentials }: { readonly name: string; readonly credentials: Credentials },
): Promise<void> {
  const { host } = invocation;
  const settings = settingsOf(credentials);
  const end = credentials.expiration!;
  const kept = keepSeconds === undefined
    ? end
    : [end, host.clock.now().add({ seconds: keepSeconds })].sort(Temporal.Instant.compare)[0]!;
  await withLocks(invocation, { path, profile: name }, () => {
    const before = readEditable(host, path) ?? "";
    const others = profile.region !== undefined &&
        readSetting(before, path, section, "region") === undefined
      ? [["region", profile.region] as const]
      : [];
    const all = [...settings, ...others];
    const { isNewSection } = writeCredentials(before, path, section, all);
    const realPath = host.files.realPath(path) ?? path;
    note(host, {
      path: realPath,
      section,
      profile: name,
      accessKeyId: credentials.accessKeyId,
      until: Math.floor(kept.epochMilliseconds / 1000),
      isNewSection,
      others: others.map(([key]) => key),
    });
    closeToOthers(host, realPath);
    editFile(host, path, (text) => writeCredentials(text, path, section, all).text);
  });
  host.talk.warn(
    `Every program that you run can read these credentials in ${quote(path)}, until ${
      formatInstant(end)
    }; after ${formatInstant(kept)}, aws-vault clear removes them`,
  );
}

/** Locks the note first, and then the file, for everything that changes both. */
async function withLocks<T>(
  invocation: Invocation,
  { path, profile }: { readonly path: string; readonly profile: string },
  act: () => T,
): Promise<T> {
  const noted = writtenSectionsPath(invocation.host) ?? path;
  const inner = () => withFileLock(invocation, { path, profile }, act);
  return await (noted === path
    ? inner()
    : withFileLock(invocation, { path: noted, profile }, inner));
}

/** Makes the file private: an edit keeps its mode, and it is about to contain credentials. */
function closeToOthers({ files, platform }: Invocation["host"], path: string): void {
  const mode = files.info(path)?.mode ?? 0;
  if (platform.os === "windows" || (mode & 0o077) === 0) return;
  files.setMode(path, 0o600);
}

function settingsOf(
  { accessKeyId, secretAccessKey, sessionToken, expiration }: Credentials,
): (readonly [string, string])[] {
  if (sessionToken === undefined || expiration === undefined) {
    throw new VaultError("unsupported", "Cannot write a long-term key into a file", {
      hints: [
        "The profile has aws_vault_no_session = true; for a session, which expires: --no-no-session",
      ],
    });
  }
  return [
    ["aws_access_key_id", accessKeyId],
    ["aws_secret_access_key", secretAccessKey.reveal()],
    ["aws_session_token", sessionToken.reveal()],
    ["aws_credential_expiration", formatInstant(expiration)],
  ];
}

/** Notes a section; what was new at its first write stays recorded as new in later ones. */
function note(host: Invocation["host"], written: WrittenSection): void {
  const noted = readWrittenSections(host);
  const isSame = ({ path, section }: WrittenSection) =>
    path === written.path && section === written.section;
  const before = noted.find(isSame);
  const added = {
    ...written,
    isNewSection: written.isNewSection || before?.isNewSection === true,
    others: [...new Set([...before?.others ?? [], ...written.others])],
  };
  writeWrittenSections(host, [...noted.filter((one) => !isSame(one)), added]);
}

/** Removes the expired sections from files, of one profile or all; gives how many there were. */
export async function removeWrittenSections(
  invocation: Invocation,
  profile: string | undefined,
): Promise<number> {
  const { host } = invocation;
  if (host.files.info(writtenSectionsPath(host) ?? "") === undefined) return 0;
  const now = host.clock.now().epochMilliseconds / 1000;
  let count = 0;
  for (const written of readWrittenSections(host)) {
    if (profile !== undefined && written.profile !== profile) continue;
    if (written.until > now) {
      host.talk.note(
        `Section ${quote(written.section)} of ${quote(written.path)} stays until ${
          formatInstant(Temporal.Instant.fromEpochMilliseconds(written.until * 1000))
        }`,
      );
    } else if (await removeWritten(invocation, written)) count++;
  }
  return count;
}

async function removeWritten(invocation: Invocation, written: WrittenSection): Promise<boolean> {
  const { host } = invocation;
  const { path, section, profile, accessKeyId, isNewSection, others } = written;
  return await withLocks(invocation, { path, profile }, () => {
    const text = readEditable(host, path) ?? "";
    const isOurs = readSetting(text, path, section, "aws_access_key_id") === accessKeyId;
    if (isOurs) {
      editFile(
        host,
        path,
        (text) => removeCredentials(text, path, section, { others, withHeader: isNewSection }),
      );
      host.talk.say(`Removed section ${quote(section)} of ${quote(path)}`);
    }
    const isSame = (one: WrittenSection) => one.path === path && one.section === section;
    writeWrittenSections(host, readWrittenSections(host).filter((one) => !isSame(one)));
    return isOurs;
  });
}
