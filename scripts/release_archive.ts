/**
 * Archives that have the same bytes for the same files: one time, no owner, in the given order.
 *
 * tar is POSIX.1-1988 (ustar), zip is PKWARE's APPNOTE 6.3.3 without its extensions; every system
 * unpacks both.
 */

import { crc32 } from "node:zlib";

/** A file with its content. */
export interface Entry {
  /** Up to 100 bytes. */
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** 2000-01-01T00:00:00Z, in seconds. */
const TIME_SECONDS = 946_684_800;
/** The same in MS-DOS form: day 1 of month 1 of the 20th year since 1980. */
const DOS_DATE = (20 << 9) | (1 << 5) | 1;

const encoder = new TextEncoder();

/** A gzipped tar of the entries. */
export async function tarGz(entries: readonly Entry[]): Promise<Uint8Array<ArrayBuffer>> {
  const blocks = entries.flatMap((entry) => [tarHeader(entry), padded(entry.content)]);
  return await pipe(new Blob([...blocks, new Uint8Array(1024)]), "gzip");
}

function tarHeader({ path, mode, content }: Entry): Uint8Array<ArrayBuffer> {
  const name = encoder.encode(path);
  if (name.length > 100) throw new Error(`The path "${path}" is too long for tar`);
  const header = new Uint8Array(512);
  const put = (at: number, text: string) => header.set(encoder.encode(text), at);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  header.set(name);
  put(100, octal(mode, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(content.length, 11));
  put(136, octal(TIME_SECONDS, 11));
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\0" + "00");
  put(265, "root");
  put(297, "root");
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${octal(sum, 6)}\0 `);
  return header;
}

function padded(content: Uint8Array<ArrayBuffer>): Blob {
  return new Blob([content, new Uint8Array((512 - content.length % 512) % 512)]);
}

/** A zip of the entries. */
export async function zip(entries: readonly Entry[]): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = encoder.encode(entry.path);
    const deflated = await pipe(new Blob([entry.content]), "deflate-raw");
    const about = zipFields(entry, name.length, deflated.length);
    const local = fields([[4, 0x04034b50], ...about]);
    directory.push(
      fields([
        [4, 0x02014b50],
        // Marked as made on Unix, so that the mode counts.
        [2, (3 << 8) | 20],
        ...about,
        [2, 0],
        [2, 0],
        [2, 0],
        [4, (0o100000 | entry.mode) * 0x10000],
        [4, offset],
      ]),
      name,
    );
    parts.push(local, name, deflated);
    offset += local.length + name.length + deflated.length;
  }
  const size = directory.reduce((total, part) => total + part.length, 0);
  const count = entries.length;
  const end = fields([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, size],
    [4, offset],
    [2, 0],
  ]);
  return new Uint8Array(await new Blob([...parts, ...directory, end]).arrayBuffer());
}

type Field = readonly [bytes: 2 | 4, value: number];

function zipFields(entry: Entry, nameLength: number, deflatedLength: number): Field[] {
  return [
    [2, 20],
    // Bit 11: the name is UTF-8.
    [2, 1 << 11],
    [2, 8],
    [2, 0],
    [2, DOS_DATE],
    [4, crc32(entry.content)],
    [4, deflatedLength],
    [4, entry.content.length],
    [2, nameLength],
    [2, 0],
  ];
}

function fields(all: readonly Field[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(all.reduce((total, [bytes]) => total + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of all) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}

async function pipe(blob: Blob, format: CompressionFormat): Promise<Uint8Array<ArrayBuffer>> {
  const stream = blob.stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
