/**
 * Which sections of files hold credentials that this program wrote there, so that they can be taken out again.
 *
 * `written-sections.json` of the state folder: no secret is in it (docs/formats.md, "Written sections").
 */

import type { Host } from "./host.ts";
import { stateFolder } from "./state_folder.ts";

/** A section with credentials of ours. */
export interface WrittenSection {
  readonly path: string;
  readonly section: string;
  readonly profile: string;
  /** Where another key stands there by now, the section is somebody else's. */
  readonly accessKeyId: string;
  /** After this, `clear` takes them out; in seconds since 1970. */
  readonly until: number;
  /** Whether the section was not there before. */
  readonly isNewSection: boolean;
  /** The settings that were not there before, besides the credentials. */
  readonly others: readonly string[];
}

type SectionsHost = Pick<Host, "env" | "files" | "platform">;

/** Where they are noted; `undefined` without a state folder. */
export function writtenSectionsPath(host: Pick<Host, "env" | "platform">): string | undefined {
  const folder = stateFolder(host);
  return folder === undefined ? undefined : `${folder}/written-sections.json`;
}

/** All that are noted; none for a file that is not ours. Throws `file-failed`. */
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

/** Writes them all. Throws `file-failed`. */
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
