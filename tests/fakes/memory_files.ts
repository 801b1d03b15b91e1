import { VaultError } from "../../src/errors.ts";
import type { Clock } from "../../src/host.ts";
import { type FileInfo, type FileLock, type Files, LockingUnsupported } from "../../src/files.ts";
import { quote } from "../../src/text.ts";
import { ManualClock } from "./manual_clock.ts";

/** What {@linkcode MemoryFiles} may be made to fail at. */
export type FileOperation = "read" | "write" | "makeFolder" | "list" | "rename" | "remove" | "lock";

interface MemoryFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mode: number;
  readonly modified: Temporal.Instant;
}

const OWN = { isOwn: true, isTrusted: true };

/** Files in memory, with `/` as the separator; a folder exists when it was made or has something in it. */
export class MemoryFiles implements Files {
  /** Every operation that changed something, such as `write /a/b`. */
  readonly effects: string[] = [];
  readonly #files = new Map<string, MemoryFile>();
  readonly #folders = new Set<string>();
  /** How many hold a lock; an exclusive one counts as infinitely many. */
  readonly #locks = new Map<string, number>();
  readonly #faults: { operation: FileOperation; path: string | undefined; reason: string }[] = [];
  #effectsUntilFailure = Infinity;
  #knowsLocks = true;
  readonly #clock: Pick<Clock, "now">;

  constructor(
    content: Readonly<Record<string, string>> = {},
    clock: Pick<Clock, "now"> = new ManualClock(),
  ) {
    this.#clock = clock;
    for (const [path, text] of Object.entries(content)) this.#put(path, text, 0o600);
  }

  /** Makes an operation fail from now on, on one path or on all, with `file-failed` and the reason. */
  fail(operation: FileOperation, path?: string, reason = "permission denied"): void {
    this.#faults.push({ operation, path, reason });
  }

  /** Lets this many more changes through, then fails every one, as on a full disk. */
  failAfterEffects(count: number): void {
    this.#effectsUntilFailure = count;
  }

  /** Locks are unsupported from now on, as on some network file systems. */
  forgetLocks(): void {
    this.#knowsLocks = false;
  }

  /** Forgets every fault. */
  heal(): void {
    this.#faults.length = 0;
    this.#effectsUntilFailure = Infinity;
    this.#knowsLocks = true;
  }

  /** The text of all files by path, for comparing the whole. */
  snapshot(): Record<string, string> {
    const texts = [...this.#files].map(([path, file]) => [path, decode(file.bytes)]);
    return Object.fromEntries(texts.sort());
  }

  readText(path: string): string | undefined {
    const bytes = this.readBytes(path);
    return bytes && decode(bytes);
  }

  readBytes(path: string): Uint8Array<ArrayBuffer> | undefined {
    this.#check("read", path);
    return this.#files.get(path)?.bytes.slice();
  }

  /** Files in memory are small. */
  stamp(): undefined {}

  readParts(): undefined {}

  closeDescriptor(_descriptor: number): Promise<void> {
    return Promise.resolve();
  }

  readDescriptor(descriptor: number): Uint8Array<ArrayBuffer> {
    const bytes = this.#files.get(`/dev/fd/${descriptor}`)?.bytes;
    if (!bytes) throw failed("read", `/dev/fd/${descriptor}`, "there is no such file or folder");
    return bytes.slice();
  }

  writeWhole(path: string, content: string | Uint8Array, options: { mode?: number } = {}): void {
    this.#effect("write", path);
    this.#put(path, content, options.mode ?? this.#files.get(path)?.mode ?? 0o600);
  }

  append(path: string, text: string): void {
    this.writeWhole(path, (this.readText(path) ?? "") + text);
  }

  leftovers(folder: string): string[] {
    return this.list(folder).filter((name) => /^\.aws-vault-[0-9a-f]{16}\.tmp$/.test(name));
  }

  setMode(path: string, mode: number): void {
    this.#effect("write", path);
    const file = this.#files.get(path);
    if (file) this.#files.set(path, { ...file, mode });
  }

  /** No writer in memory is alive. */
  sweep(folder: string): void {
    for (const name of this.leftovers(folder)) this.#files.delete(`${folder}/${name}`);
  }

  makeFolder(path: string): void {
    if (this.info(path)?.kind === "folder") return;
    this.#effect("makeFolder", path);
    this.#folders.add(path);
  }

  info(path: string): FileInfo | undefined {
    this.#check("read", path);
    const file = this.#files.get(path);
    if (file) {
      const { mode, bytes, modified } = file;
      return { kind: "file", mode, ...OWN, size: bytes.length, modified };
    }
    if (!this.#folders.has(path) && this.#under(path).length === 0) return undefined;
    return { kind: "folder", mode: 0o700, ...OWN, size: 0, modified: undefined };
  }

  realPath(path: string): string | undefined {
    return this.info(path) && path;
  }

  /** There are no links in memory, and nobody else. */
  wayTo(): string[] {
    return [];
  }

  list(path: string): string[] {
    this.#check("list", path);
    const names = this.#under(path).map((inner) => inner.slice(path.length + 1).split("/")[0]!);
    return [...new Set(names)];
  }

  rename(from: string, to: string): void {
    this.#effect("rename", from);
    const file = this.#files.get(from);
    if (!file) throw failed("rename", from, "there is no such file or folder");
    this.#files.delete(from);
    this.#files.set(to, file);
  }

  remove(path: string): boolean {
    if (this.#folders.has(path) && this.#under(path).length === 0) {
      this.#effect("remove", path);
      return this.#folders.delete(path);
    }
    if (!this.#files.has(path)) return false;
    this.#effect("remove", path);
    return this.#files.delete(path);
  }

  tryLock(path: string, options: { isShared?: boolean | undefined } = {}): FileLock | undefined {
    this.#check("lock", path);
    if (!this.#knowsLocks) throw new LockingUnsupported("no locks");
    const holders = this.#locks.get(path) ?? 0;
    if (options.isShared ? holders === Infinity : holders > 0) return undefined;
    if (!this.#files.has(path)) this.#put(path, "", 0o600);
    this.#locks.set(path, options.isShared ? holders + 1 : Infinity);
    return {
      release: () => {
        this.#locks.set(path, options.isShared ? (this.#locks.get(path) ?? 1) - 1 : 0);
      },
    };
  }

  #put(path: string, content: string | Uint8Array, mode: number): void {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    this.#files.set(path, { bytes: new Uint8Array(bytes), mode, modified: this.#clock.now() });
  }

  #under(path: string): string[] {
    const all = [...this.#files.keys(), ...this.#folders];
    return all.filter((inner) => inner.startsWith(path + "/"));
  }

  #effect(operation: FileOperation, path: string): void {
    this.#check(operation, path);
    if (this.#effectsUntilFailure-- <= 0) throw failed(operation, path, "the disk is full");
    this.effects.push(`${operation} ${path}`);
  }

  #check(operation: FileOperation, path: string): void {
    const fault = this.#faults.find((one) =>
      one.operation === operation && (one.path === undefined || one.path === path)
    );
    if (fault) throw failed(operation, path, fault.reason);
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function failed(operation: string, path: string, reason: string): VaultError {
  return new VaultError("file-failed", `Cannot ${operation} ${quote(path)}: ${reason}`);
}
