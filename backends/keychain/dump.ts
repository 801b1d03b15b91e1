/**
 * What `security dump-keychain` prints about the items of a keychain without `-d`: their attributes,
 * which no keychain encrypts, and nothing secret.
 *
 * A blob is printed as `"text"` if all of it is printable ASCII without a backslash. Otherwise it is
 * printed as `0x`, the bytes in hexadecimal and a space; if some of it is printable, another space and
 * the text with octal escapes follow (`print_buffer` in Apple's `keychain_utilities.c`). Quotes are not
 * escaped, so a text ends at the last quote of its line; a line end makes it hexadecimal.
 */

/** A generic password: its attributes that are not secret. */
export interface DumpedItem {
  readonly service: string;
  readonly account: string;
  readonly description: string;
}

/** A line of the output that does not have the expected form. */
export class DumpUnreadable extends Error {
  override readonly name = "DumpUnreadable";
}

const ATTRIBUTE = /^ {4}(?:"([^"]{4})"|0x[0-9A-F]{8} (?: "[^"]*")?)<[a-z0-9: ]+>=(.*)$/;
const HEADING = /^(?:keychain|version|class|attributes):(.*)$/;

/**
 * Parses the output, and returns the generic passwords whose service and account are text.
 *
 * Throws {@linkcode DumpUnreadable}: a line that is skipped could be an item that is not listed.
 */
export function parseDump(output: string): DumpedItem[] {
  const items: DumpedItem[] = [];
  let attributes = new Map<string, string | undefined>();
  const finish = () => {
    const service = attributes.get("svce");
    const account = attributes.get("acct");
    const isGeneric = attributes.get("class") === "genp";
    const description = attributes.get("desc") ?? "";
    if (isGeneric && service !== undefined && account) {
      items.push({ service, account, description });
    }
  };
  for (const [index, line] of output.split("\n").entries()) {
    if (line === "") continue;
    const attribute = ATTRIBUTE.exec(line);
    const heading = HEADING.exec(line);
    if (!attribute && !heading) throw unreadable(index);
    if (line.startsWith("keychain:")) {
      finish();
      attributes = new Map();
    } else if (line.startsWith("class:")) {
      attributes.set("class", parseBlob(heading![1]!.trimStart(), index));
    } else if (attribute && ["svce", "acct", "desc"].includes(attribute[1] ?? "")) {
      attributes.set(attribute[1]!, parseBlob(attribute[2]!, index));
    }
  }
  finish();
  return items;
}

/** The text of a blob, or `undefined` if the blob is missing or is not text. */
function parseBlob(blob: string, index: number): string | undefined {
  const bytes = parseBytes(blob);
  if (bytes === undefined && blob !== "<NULL>") throw unreadable(index);
  try {
    return bytes && new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The bytes of a printed blob, or `undefined` if it does not have the expected form. */
export function parseBytes(blob: string): Uint8Array<ArrayBuffer> | undefined {
  if (blob === "") return new Uint8Array();
  const text = /^"([\x20-\x5b\x5d-\x7e]*)"$/.exec(blob)?.[1];
  if (text !== undefined) return new TextEncoder().encode(text);
  const hex = /^0x((?:[0-9A-F]{2})+) (?: ".*")?$/.exec(blob)?.[1];
  return hex === undefined ? undefined : Uint8Array.fromHex(hex);
}

/** Names the line by its number: its text was written by others. */
function unreadable(index: number): DumpUnreadable {
  return new DumpUnreadable(`line ${index + 1} of its list cannot be parsed`);
}
