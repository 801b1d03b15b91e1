/**
 * An Item's JSON as ASCII bytes only: KDE's services corrupt bytes that are not text with one byte
 * per character (https://github.com/ProtonMail/WebClients/issues/534), and an escape means the same
 * to every reader.
 */
export function encodeAsciiJson(json: string): Uint8Array<ArrayBuffer> {
  const ascii = json.replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return new TextEncoder().encode(ascii);
}
