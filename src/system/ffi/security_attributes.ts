/** kSecLabelItemAttr, `'labl'`. */
export const LABEL = 0x6c61626c;
/** kSecDescriptionItemAttr, `'desc'`. */
export const DESCRIPTION = 0x64657363;

const LIST_SIZE = 16;
const ATTRIBUTE_SIZE = 16;

/**
 * A `SecKeychainAttributeList` (`SecBase.h`) and the targets of its pointers.
 *
 * `{ UInt32 count; SecKeychainAttribute *attr; }` and, for each, `{ UInt32 tag; UInt32 length; void
 * *data; }`: on both 64-bit processors 16 bytes each, with pointers at 8. All in one piece of memory,
 * which must be kept while the list is in use.
 */
export class AttributeList {
  readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(attributes: readonly (readonly [tag: number, text: string])[]) {
    const texts = attributes.map(([, text]) => new TextEncoder().encode(text));
    const textsAt = LIST_SIZE + attributes.length * ATTRIBUTE_SIZE;
    this.bytes = new Uint8Array(textsAt + texts.reduce((sum, text) => sum + text.length, 0) + 1);
    const base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.bytes));
    const view = new DataView(this.bytes.buffer);
    view.setUint32(0, attributes.length, true);
    view.setBigUint64(8, base + BigInt(LIST_SIZE), true);
    let textAt = textsAt;
    for (const [index, [tag]] of attributes.entries()) {
      const at = LIST_SIZE + index * ATTRIBUTE_SIZE;
      const text = texts[index]!;
      view.setUint32(at, tag, true);
      view.setUint32(at + 4, text.length, true);
      view.setBigUint64(at + 8, base + BigInt(textAt), true);
      this.bytes.set(text, textAt);
      textAt += text.length;
    }
  }
}
