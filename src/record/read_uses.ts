import { hasCode, type VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { KEPT_FILES, recordPath, type Use } from "./use.ts";

/** Which uses are wanted. */
export interface UseFilter {
  readonly since?: Temporal.Instant | undefined;
  readonly profile?: string | undefined;
  /** An access key id, or its beginning. */
  readonly key?: string | undefined;
}

/** The uses that the record has, the oldest first; a file that cannot be read is passed over. */
export function readUses(host: Pick<Host, "env" | "platform" | "files">, filter: UseFilter): Use[] {
  return new RecordReader(host).readAll().filter((use) => isWanted(use, filter));
}

/** More than two first lines have in common. */
const HEAD_CHARS = 500;

/** Reads the record to its end, and what is added after that. */
export class RecordReader {
  readonly #host: Pick<Host, "files">;
  readonly #path: string | undefined;
  /** The end of the last whole line that was read. */
  #read = 0;
  /** What the file begins with, by which it is known again. */
  #head = "";
  /** What each file that could not be read failed with, by path. */
  readonly #failures = new Map<string, VaultError>();

  constructor(host: Pick<Host, "env" | "platform" | "files">) {
    this.#host = host;
    this.#path = recordPath(host);
  }

  /** Why some files could not be read; what is in the others was given all the same. */
  get failures(): readonly VaultError[] {
    return [...this.#failures.values()];
  }

  /** The uses of all files, the oldest first. */
  readAll(): Use[] {
    const path = this.#path;
    if (path === undefined) return [];
    const older = Array.from({ length: KEPT_FILES }, (_, i) => `${path}.${KEPT_FILES - i}`);
    const uses = older.flatMap((path) => parseUses(this.#readQuietly(path)));
    const text = this.#readQuietly(path);
    this.#keepPlace(text);
    return [...uses, ...parseUses(text)];
  }

  /** The uses that were added since; where the file was set aside in the meantime, the rest of that one first. */
  readAdded(): Use[] {
    const path = this.#path;
    if (path === undefined) return [];
    const text = this.#readQuietly(path);
    const isSetAside = text.length < this.#read || !text.startsWith(this.#head);
    const rest = isSetAside ? this.#readQuietly(`${path}.1`).slice(this.#read) : "";
    const from = isSetAside ? 0 : this.#read;
    this.#keepPlace(text);
    return [...parseUses(rest), ...parseUses(text.slice(from, this.#read))];
  }

  /** A file that cannot be read does not hide what is in the others. */
  #readQuietly(path: string): string {
    try {
      return this.#host.files.readText(path) ?? "";
    } catch (error) {
      if (!hasCode(error, "file-failed")) throw error;
      this.#failures.set(path, error);
      return "";
    }
  }

  #keepPlace(text: string): void {
    this.#read = text.lastIndexOf("\n") + 1;
    this.#head = text.slice(0, Math.min(this.#read, HEAD_CHARS));
  }
}

/**
 * The uses in a text; what is not one is passed over. A line that a killed process left half, or whole but for
 * its end, has the next process's behind it: what is whole in it is read.
 */
function parseUses(text: string): Use[] {
  return text.split("\n").flatMap((line) => {
    const use = parseUse(line);
    return use === undefined ? line.split(START).map(parseUse) : [use];
  }).filter((use) => use !== undefined);
}

/** Before what every line begins with; in a text of JSON its quotes would be escaped. */
const START = /(?=\{"time":")/;

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
