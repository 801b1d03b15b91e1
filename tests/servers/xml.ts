/** An element's content: text, elements by name, or several elements of one name. */
export type XmlContent = string | number | boolean | XmlElements | readonly XmlContent[];

export interface XmlElements {
  readonly [name: string]: XmlContent | undefined;
}

/** Renders elements as AWS does: two spaces a level, `undefined` omitted, a list as `member`s. */
export function renderXml(elements: XmlElements, depth = 0): string {
  return Object.entries(elements)
    .filter(([, content]) => content !== undefined)
    .map(([name, content]) => renderElement(name, content!, "  ".repeat(depth), depth))
    .join("");
}

function renderElement(name: string, content: XmlContent, indent: string, depth: number): string {
  const end = name.split(" ")[0]!;
  if (typeof content !== "object") {
    return `${indent}<${name}>${escapeXml(String(content))}</${end}>\n`;
  }
  const inner = isList(content)
    ? content.map((member) => renderXml({ member }, depth + 1)).join("")
    : renderXml(content, depth + 1);
  return inner === ""
    ? `${indent}<${name}/>\n`
    : `${indent}<${name}>\n${inner}${indent}</${end}>\n`;
}

function isList(content: XmlElements | readonly XmlContent[]): content is readonly XmlContent[] {
  return Array.isArray(content);
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** `2026-01-01T00:00:00Z`, as AWS writes an instant. */
export function renderInstant(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
