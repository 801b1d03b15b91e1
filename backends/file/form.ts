/** Whether a text has the outward form of a JWE; nothing is decrypted. */
export function looksLikeJwe(text: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]+\.[\w-]*\.[\w-]+\s*$/.test(text);
}
