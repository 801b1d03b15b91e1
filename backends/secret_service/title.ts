/**
 * A key as the label and the attribute of an item.
 *
 * KeePassXC resolves references in both: `{REF:P@T:bank}` would become the password of another entry,
 * visible to every program that reads the label. It stores no item that contains one, and reports that a
 * person dismissed it (KeePassXC user guide, "Entry Field References").
 */

/** The text of a key, free of references; all other keys stay unchanged. */
export function encodeTitle(key: string): string {
  return key.replace(/\{(?=%*REF:)/gi, "{%");
}

/** The key of a text that {@linkcode encodeTitle} made. */
export function decodeTitle(title: string): string {
  return title.replace(/\{%(?=%*REF:)/gi, "{");
}

/**
 * The JSON of a flat object with no placeholder in any of its texts: KeePassXC would put another field
 * or entry in the place of each, and dies of a secret with `{PASSWORD}` twice in it.
 */
export function withoutPlaceholders(json: string): string {
  return json.slice(0, 1) + json.slice(1).replaceAll("{", "\\u007b");
}
