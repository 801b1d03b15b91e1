/**
 * Records which sections of files hold credentials that this program wrote, so that they can be removed.
 *
 * The file is `written-sections.json` in the state folder; no secrets (docs/formats.md, "Written sections").
 */

import type { Host } from "./host.ts";
import { stateFolder } from "./state_folder.ts";

/** A section with credentials of ours. */
export interface WrittenSection {
  readonly path: string;
  readonly section: string;
  readonly profile: string;
  /** If the section now has another key, it belongs to somebody else. */
  readonly accessKeyId: string;
  /** After this time `clear` removes the credentials; in seconds since 1970. */
  readonly until: number;
  /** Whether this program added the section. */
  readonly isNewSection: boolean;
  /** The settings that this program added, besides the credentials. */
  readonly others: readonly string[];
}

type SectionsHost = Pick<Host, "env" | "files" | "platform">;

/** The path of the record; `undefined` without a state folder. */
export function writtenSectionsPath(host: Pick<Host, "env" | "platform">): string | undefined {
  const folder = stateFolder(host);
  return folder === undefined ? undefined : `${folder}/written-sections.json`;
}

/** Reads all recorded sections; none if the file is not in our format. Throws `file-failed`. */
export function readWrittenSections(host: SectionsHost): WrittenSection[] {
  const path = writtenSectionsPath(host);
  const folder = stateFolder(host);
  if (path === undefined || host.files.info(folder!) === undefined) return [];
  try {
    const { version, sections } = JSON.parse(host.files.readText(path) ?? "{}");
    return version === 1 && Array.isArray(sections) ? sections.filter(isSection) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function isSection(found: unknown): found is WrittenSection {
  if (typeof found !== "object" || found === null) return false;
  const { path, section, profile, accessKeyId, until, isNewSection, others } = found as Record<
    string,
    unknown
  >;
  return [path, section, profile, accessKeyId].every((text) => typeof text === "string") &&
    Number.isSafeInteger(until) && typeof isNewSection === "boolean" &&
    Array.isArray(others) && others.every((key) => typeof key === "string");
}

/** Replaces the record. Throws `file-failed`. */
export function writeWrittenSections(
  host: SectionsHost,
  sections: readonly WrittenSection[],
): void {
  const path = writtenSectionsPath(host);
  if (path === undefined) return;
  host.files.makeFolder(stateFolder(host)!);
  host.files.writeWhole(path, JSON.stringify({ version: 1, sections }, null, 1) + "\n", {
    mode: 0o600,
    followLinks: false,
  });
}
