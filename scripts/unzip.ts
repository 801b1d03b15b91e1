/**
 * Extracts one file from a zip archive, as Deno packs its releases (APPNOTE.TXT of PKWARE, 4.3), so
 * that the file that is compared with the table is the same file that is embedded.
 */

const END_OF_DIRECTORY = 0x06054b50;
const ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * The bytes of a named file. Throws an `Error` if the archive does not contain it, or cannot be
 * parsed.
 */
export async function unzip(
  archive: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = findEnd(view);
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== ENTRY) break;
    const [nameLength, extra, comment] = [28, 30, 32].map((of) => view.getUint16(at + of, true));
    const found = new TextDecoder().decode(archive.subarray(at + 46, at + 46 + nameLength!));
    if (found === name) return await contentOf(archive, view, at);
    at += 46 + nameLength! + extra! + comment!;
  }
  throw new Error(`Cannot unpack "${name}": the archive has no file of that name`);
}

/** The start of the end record; a comment may follow it. */
function findEnd(view: DataView): number {
  for (let at = view.byteLength - 22; at >= 0; at--) {
    if (view.getUint32(at, true) === END_OF_DIRECTORY) return at;
  }
  throw new Error("Cannot unpack: it is not a zip archive");
}

async function contentOf(
  archive: Uint8Array<ArrayBuffer>,
  view: DataView,
  entry: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const method = view.getUint16(entry + 10, true);
  const packedLength = view.getUint32(entry + 20, true);
  const header = view.getUint32(entry + 42, true);
  const from = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
  const packed = archive.subarray(from, from + packedLength);
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw new Error(`Cannot unpack: method ${method} is not known`);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
