import { NetworkError } from "./network_error.ts";
import type { XmlElement } from "./xml.ts";

/** ASCII without blanks and control characters: valid in a header, a request, a setting and a variable. */
const PRINTABLE = /^[\x21-\x7e]+$/;

/**
 * A text that an answer must have; throws {@linkcode NetworkError} if it is missing, or if it has
 * characters that AWS never sends there: it becomes a header, a request or a stored key.
 */
export function requiredText(action: string, element: XmlElement, ...path: string[]): string {
  const text = element.text(...path) ?? "";
  if (PRINTABLE.test(text)) return text;
  // Not quoted: it may be a secret.
  const problem = text === "" ? `it has no ${path.at(-1)}` : `its ${path.at(-1)} is malformed`;
  throw new NetworkError(`Cannot read AWS's answer to ${action}: ${problem}`, true);
}
