import { unlessFileFails } from "../errors.ts";
import type { Host } from "../host.ts";
import { KEPT_FILES, recordPath, type Use } from "./use.ts";

/** Which uses are wanted. */
export interface UseFilter {
  readonly since?: Temporal.Instant | undefined;
  readonly profile?: string | undefined;
  /** An access key id, or its beginning. */
  readonly key?: string | undefined;
}

/** The uses that the record has, the oldest first. */
export function readUses(host: Pick<Host, "env" | "platform" | "files">, filter: UseFilter): Use[] {
  const path = recordPath(host);
  if (path === undefined) return [];
  const older = Array.from({ length: KEPT_FILES }, (_, i) => `${path}.${KEPT_FILES - i}`);
  return [...older, path].flatMap((path) => parseUses(readQuietly(host, path))).filter((use) =>
    isWanted(use, filter)
  );
}

/** A file that cannot be read does not hide what is in the others. */
function readQuietly({ files }: Pick<Host, "files">, path: string): string {
  return unlessFileFails(() => files.readText(path)) ?? "";
}

/**
 * The uses in a text; what is not one is passed over. A line that a killed process left half has the next
 * process's whole one behind it, which is read.
 */
export function parseUses(text: string): Use[] {
  return text.split("\n").map((line) =>
    parseUse(line) ?? parseUse(line.slice(line.lastIndexOf(START)))
  )
    .filter((use) => use !== undefined);
}

/** What every line begins with; in a text of JSON its quotes would be escaped. */
const START = '{"time":"';

function parseUse(line: string): Use | undefined {
  try {
    const use = JSON.parse(line);
    const isUse = typeof use?.time === "string" && typeof use.profile === "string" &&
      typeof use.accessKeyId === "string" && typeof use.how === "string";
    return isUse ? { ...use, by: String(use.by), command: wordsOf(use.command) } : undefined;
  } catch {
    return undefined;
  }
}

function wordsOf(command: unknown): string[] | undefined {
  return Array.isArray(command) ? command.map(String) : undefined;
}

/** Whether a use is one of those that are wanted. */
export function isWanted(use: Use, { since, profile, key }: UseFilter): boolean {
  if (profile !== undefined && use.profile !== profile) return false;
  if (key !== undefined && !use.accessKeyId.startsWith(key)) return false;
  return since === undefined || !isBefore(use.time, since);
}

function isBefore(time: string, since: Temporal.Instant): boolean {
  try {
    return Temporal.Instant.compare(Temporal.Instant.from(time), since) < 0;
  } catch {
    return true;
  }
}
