/**
 * A key as the label and the attribute of an item.
 *
 * KeePassXC takes both for text with references: what is in `{REF:P@T:bank}` would be the password of
 * another entry, shown to every program that reads the label. It stores no item with one, and says that a
 * person dismissed it (KeePassXC user guide, "Entry Field References").
 */

/** The text of a key, in which nothing is a reference; all other keys stand as they are. */
export function encodeTitle(key: string): string {
  return key.replace(/\{(?=%*REF:)/gi, "{%");
}

/** The key of a text by {@linkcode encodeTitle}. */
export function decodeTitle(title: string): string {
  return title.replace(/\{%(?=%*REF:)/gi, "{");
}

/** The same JSON without a reference in one of its texts. */
export function withoutReferences(json: string): string {
  return json.replace(/\{(?=REF:)/gi, "\\u007b");
}
