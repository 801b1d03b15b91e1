import { hasCode, type VaultError } from "../errors.ts";
import type { Host } from "../host.ts";
import { KEPT_FILES, recordPath, type Use } from "./use.ts";

/** Selects uses. */
export interface UseFilter {
  readonly since?: Temporal.Instant | undefined;
  readonly profile?: string | undefined;
  /** An access key ID, or its beginning. */
  readonly key?: string | undefined;
}

/** The recorded uses, oldest first; unreadable files are skipped. */
export function readUses(host: Pick<Host, "env" | "platform" | "files">, filter: UseFilter): Use[] {
  return new RecordReader(host).readAll().filter((use) => isWanted(use, filter));
}

/** Longer than any beginning that two first lines share. */
const HEAD_CHARS = 500;

/** Reads the record to its end, and then what is added. */
export class RecordReader {
  readonly #host: Pick<Host, "files">;
  readonly #path: string | undefined;
  /** The end of the last whole line that was read. */
  #read = 0;
  /** The beginning of the file, which identifies it. */
  #head = "";
  /** The error of each unreadable file, by path. */
  readonly #failures = new Map<string, VaultError>();

  constructor(host: Pick<Host, "env" | "platform" | "files">) {
    this.#host = host;
    this.#path = recordPath(host);
  }

  /** Why some files could not be read; the uses of the others are still given. */
  get failures(): readonly VaultError[] {
    return [...this.#failures.values()];
  }

  /** The uses of all files, oldest first. */
  readAll(): Use[] {
    const path = this.#path;
    if (path === undefined) return [];
    const older = Array.from({ length: KEPT_FILES }, (_, i) => `${path}.${KEPT_FILES - i}`);
    const uses = older.flatMap((path) => parseUses(this.#readQuietly(path)));
    const text = this.#readQuietly(path);
    this.#keepPlace(text);
    return [...uses, ...parseUses(text)];
  }

  /** The uses added since; if the file was set aside in the meantime, the rest of that file first. */
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

  /** An unreadable file does not hide the contents of the others. */
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
 * The uses in a text; anything else is skipped. A killed process can leave half a line, or a line without its
 * end, with the next process's line after it: whole lines in it are read.
 */
function parseUses(text: string): Use[] {
  return text.split("\n").flatMap((line) => {
    const use = parseUse(line);
    return use === undefined ? line.split(START).map(parseUse) : [use];
  }).filter((use) => use !== undefined);
}

/** Matches before the beginning of every line; inside a JSON text its quotes would be escaped. */
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

/** Whether a use matches the filter. */
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
