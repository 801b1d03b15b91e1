import type { XMLParser } from "fast-xml-parser";

/** One element of an answer of AWS. Values are always text: account IDs keep their leading zeros. */
export interface XmlElement {
  /** Without a namespace prefix. */
  readonly name: string;
  /** The text of the element at the path, or of this one; `undefined` if there is none. */
  text(...path: string[]): string | undefined;
  /** The first element at the path. */
  element(...path: string[]): XmlElement | undefined;
  /** Its child elements of a name. */
  all(name: string): XmlElement[];
  /** The `<member>` elements of the list at the path; empty if there is no such list. */
  members(...path: string[]): XmlElement[];
}

/** AWS nests answers at most six deep; a deeper answer is not from AWS. */
const MAX_DEPTH = 24;

/**
 * Parses a well-formed XML document, or gives `undefined` for anything else (an answer that was cut
 * off, empty, not XML).
 *
 * Refuses document types and resolves only the five entities of XML and character references, so
 * that an answer cannot name files, fetch anything or grow (XXE, "billion laughs"). The caller
 * limits the size.
 */
export async function parseXml(text: string): Promise<XmlElement | undefined> {
  if (text.trim() === "") return undefined;
  const { XMLParser, XMLValidator } = await import("fast-xml-parser");
  try {
    // On its own, the parser accepts a document that was cut off as a complete one.
    if (XMLValidator.validate(text) !== true) return undefined;
    return toRoot(newParser(XMLParser).parse(text));
  } catch {
    return undefined;
  }
}

function newParser(Parser: typeof XMLParser): XMLParser {
  return new Parser({
    ignoreAttributes: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
    removeNSPrefix: true,
    parseTagValue: false,
    trimValues: false,
    maxNestedTags: MAX_DEPTH,
    isArray: () => true,
    entityDecoder: {
      decode: decodeReferences,
      addInputEntities: refuseDocumentType,
      setExternalEntities: () => {},
      setXmlVersion: () => {},
      reset: () => {},
    },
  });
}

function refuseDocumentType(): never {
  throw new Error("Document types are refused");
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** Resolves `&lt;`, `&#39;`, `&#x27;` and the like, once; unknown references stay unchanged. */
function decodeReferences(text: string): string {
  const [head = "", ...parts] = text.split("&");
  return head + parts.map((part) => {
    const end = part.indexOf(";");
    const character = end < 0 ? undefined : resolveReference(part.slice(0, end));
    return character === undefined ? "&" + part : character + part.slice(end + 1);
  }).join("");
}

function resolveReference(name: string): string | undefined {
  if (!name.startsWith("#")) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  const digits = name.startsWith("#x") ? "0x" + name.slice(2) : name.slice(1);
  const code = digits === "" || digits.trim() !== digits ? NaN : Number(digits);
  return Number.isInteger(code) && code > 0 && code <= 0x10ffff
    ? String.fromCodePoint(code)
    : undefined;
}

type Node = string | { readonly [name: string]: readonly Node[] };

function toRoot(document: Node): XmlElement | undefined {
  const names = typeof document === "string" ? [] : Object.keys(document);
  const name = names.find((candidate) => candidate !== "#text");
  return name === undefined || typeof document === "string"
    ? undefined
    : wrap(name, document[name]?.[0] ?? "");
}

function children(node: Node, name: string): readonly Node[] {
  return typeof node !== "string" && Object.hasOwn(node, name) ? node[name] ?? [] : [];
}

function wrap(name: string, node: Node): XmlElement {
  const element = (...path: string[]): XmlElement | undefined => {
    const found = path.reduce<Node | undefined>(
      (at, step) => at === undefined ? undefined : children(at, step)[0],
      node,
    );
    return found === undefined ? undefined : wrap(path.at(-1) ?? name, found);
  };
  return {
    name,
    element,
    text: (...path) => path.length === 0 ? textOf(node) : element(...path)?.text(),
    all: (name) => children(node, name).map((child) => wrap(name, child)),
    members: (...path) => {
      if (path.length > 0) return element(...path)?.members() ?? [];
      return children(node, "member").map((member) => wrap("member", member));
    },
  };
}

/** The text of a leaf; `undefined` for an element that holds others. */
function textOf(node: Node): string | undefined {
  if (typeof node === "string") return node.trim();
  const names = Object.keys(node);
  return names.every((name) => name === "#text")
    ? children(node, "#text").join("").trim()
    : undefined;
}
