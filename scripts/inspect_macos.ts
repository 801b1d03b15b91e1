/**
 * Inspects macOS programs on other systems, which cannot run them:
 * `deno run -R scripts/inspect_macos.ts PROGRAM...`.
 *
 * The kernel of macOS rejects what is found here: on Apple's processors a program without a signature, and
 * everywhere one whose pages do not match the hashes in its signature. The formats are those of
 * `mach-o/loader.h` and of `kern/cs_blobs.h` (apple-oss-distributions/xnu).
 */

import { createHash } from "node:crypto";
import { describeBase } from "./runtime_base.ts";

const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const SUPER_BLOB = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
const CS_ADHOC = 0x2;
const SHA256 = 2;

/** A part of the file that is mapped into memory. */
export interface Segment {
  readonly name: string;
  readonly fileOffset: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

/** The content of a signature: where it begins, and the hashes of the pages before it. */
export interface Signature {
  readonly identifier: string;
  readonly isAdHoc: boolean;
  readonly codeLimit: number;
  readonly pageSize: number;
  readonly hashes: readonly string[];
}

/** A program as its headers describe it. */
export interface MacProgram {
  readonly target: string | undefined;
  readonly segments: readonly Segment[];
  readonly signature: Signature | undefined;
}

/** Reads the headers of a 64-bit Mach-O program; throws a `RangeError` if they point outside the file. */
export function readMacProgram(bytes: Uint8Array): MacProgram {
  const { target } = describeBase(bytes);
  if (!target?.endsWith("-apple-darwin")) return { target, segments: [], signature: undefined };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments: Segment[] = [];
  let signature: Signature | undefined;
  let at = 32;
  for (let left = view.getUint32(16, true); left > 0; left--) {
    const command = view.getUint32(at, true);
    if (command === LC_SEGMENT_64) segments.push(readSegment(view, at));
    if (command === LC_CODE_SIGNATURE) {
      signature = readSignature(bytes, view.getUint32(at + 8, true));
    }
    at += view.getUint32(at + 4, true);
  }
  return { target, segments, signature };
}

function readSegment(view: DataView, at: number): Segment {
  const number = (offset: number) => Number(view.getBigUint64(at + offset, true));
  const name = textAt(view, at + 8, 16);
  return { name, memorySize: number(32), fileOffset: number(40), fileSize: number(48) };
}

/** The code directory of a super blob, in which all numbers are big-endian. */
function readSignature(bytes: Uint8Array, start: number): Signature | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  if (view.getUint32(0) !== SUPER_BLOB) return undefined;
  const places = Array.from(
    { length: view.getUint32(8) },
    (_, index) => view.getUint32(12 + 8 * index + 4),
  );
  const at = places.find((place) => view.getUint32(place) === CODE_DIRECTORY);
  return at === undefined ? undefined : readDirectory(bytes, start + at);
}

function readDirectory(bytes: Uint8Array, start: number): Signature | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const [hashOffset, identOffset] = [view.getUint32(16), view.getUint32(20)];
  const [count, hashSize] = [view.getUint32(28), view.getUint8(36)];
  if (view.getUint8(37) !== SHA256) return undefined;
  return {
    identifier: textAt(view, identOffset, 256),
    isAdHoc: (view.getUint32(12) & CS_ADHOC) !== 0,
    codeLimit: view.getUint32(32),
    pageSize: 2 ** view.getUint8(39),
    hashes: Array.from({ length: count }, (_, index) => {
      const from = start + hashOffset + index * hashSize;
      return bytes.subarray(from, from + hashSize).toHex();
    }),
  };
}

function textAt(view: DataView, at: number, most: number): string {
  let text = "";
  for (let i = 0; i < most && view.getUint8(at + i) !== 0; i++) {
    text += String.fromCharCode(view.getUint8(at + i));
  }
  return text;
}

/** The reasons for which macOS would reject the program; empty if it would start it. */
export function findMacFaults(bytes: Uint8Array): string[] {
  const { target, segments, signature } = readMacProgram(bytes);
  if (!target?.endsWith("-apple-darwin")) return ["it is not a program for macOS"];
  const faults = findSegmentFaults(bytes.length, segments);
  if (signature !== undefined) return [...faults, ...findPageFaults(bytes, signature)];
  // Intel's processors also run unsigned programs.
  return target.startsWith("aarch64") ? [...faults, "it has no signature with SHA-256"] : faults;
}

function findSegmentFaults(size: number, segments: readonly Segment[]): string[] {
  const faults = ["__TEXT", "__LINKEDIT"].filter((name) => !segments.some((it) => it.name === name))
    .map((name) => `it has no segment ${name}`);
  const inFile = segments.filter(({ fileSize }) => fileSize > 0)
    .toSorted((a, b) => a.fileOffset - b.fileOffset);
  for (const [index, segment] of inFile.entries()) {
    const { name, fileOffset, fileSize, memorySize } = segment;
    const end = fileOffset + fileSize;
    if (end > size) faults.push(`segment ${name} ends behind the file`);
    if (fileSize > memorySize) faults.push(`segment ${name} is larger in the file than in memory`);
    const next = inFile[index + 1];
    if (next !== undefined && next.fileOffset < end) {
      faults.push(`segments ${name} and ${next.name} overlap`);
    }
  }
  const last = inFile.at(-1);
  if (last?.name !== "__LINKEDIT") faults.push("the last segment is not __LINKEDIT");
  else if (last.fileOffset + last.fileSize !== size) faults.push("bytes follow __LINKEDIT");
  return faults;
}

function findPageFaults(bytes: Uint8Array, signature: Signature): string[] {
  const { codeLimit, pageSize, hashes } = signature;
  const pages = Math.ceil(codeLimit / pageSize);
  if (pages !== hashes.length) return [`${hashes.length} hashes stand for ${pages} pages`];
  const wrong = hashes.filter((hash, index) => {
    const page = bytes.subarray(index * pageSize, Math.min((index + 1) * pageSize, codeLimit));
    return createHash("sha256").update(page).digest("hex") !== hash;
  });
  return wrong.length === 0 ? [] : [`${wrong.length} of ${pages} pages do not have their hash`];
}

function main(paths: readonly string[]): number {
  let code = paths.length === 0 ? 2 : 0;
  for (const path of paths) {
    const bytes = Deno.readFileSync(path);
    const faults = findMacFaults(bytes);
    for (const fault of faults) console.error(`error: ${path}: ${fault}`);
    if (faults.length > 0) code = 1;
    else console.log(describe(path, readMacProgram(bytes)));
  }
  return code;
}

function describe(path: string, { target, segments, signature }: MacProgram): string {
  const names = segments.map(({ name }) => name).join(" ");
  const start = `${path}: ${target}; segments ${names}`;
  if (signature === undefined) return `${start}; not signed`;
  const kind = signature.isAdHoc ? "ad hoc" : "by an identity";
  return `${start}; signed ${kind}, ${signature.hashes.length} pages have their hash`;
}

if (import.meta.main) Deno.exit(main(Deno.args));
