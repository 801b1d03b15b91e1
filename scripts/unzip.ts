/**
 * The file of a ZIP archive that has one, such as the runtime bases that Deno publishes (PKWARE APPNOTE,
 * 4.3.7 "Local file header" and 4.3.12 "Central directory structure").
 */

const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_SIZE = 22;
const DEFLATED = 8;

/** Unpacks the one file. Throws an `Error` for an archive of another form. */
export async function unzipOnly(
  archive: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = archive.length - END_SIZE;
  if (end < 0 || view.getUint32(end, true) !== END || view.getUint16(end + 10, true) !== 1) {
    throw new Error("Cannot unpack the archive: it is not a ZIP file of one file");
  }
  const entry = view.getUint32(end + 16, true);
  const method = view.getUint16(entry + 10, true);
  const size = view.getUint32(entry + 20, true);
  const local = view.getUint32(entry + 42, true);
  if (view.getUint32(entry, true) !== CENTRAL || ![0, DEFLATED].includes(method)) {
    throw new Error("Cannot unpack the archive: it is packed in another way");
  }
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const packed = archive.subarray(start, start + size);
  if (method !== DEFLATED) return packed;
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
