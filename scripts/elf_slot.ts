/**
 * Where a program of Linux on x86-64 stores the address of a library function that it calls.
 *
 * System V ABI, "Dynamic Section" and "Relocation"; x86-64 psABI, table 4.10.
 */

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT = { PLTRELSZ: 2, STRTAB: 5, SYMTAB: 6, RELA: 7, RELASZ: 8, JMPREL: 23 } as const;
const GLOB_DAT = 6;
const JUMP_SLOT = 7;

/** The address of the slot, as the file counts addresses; `undefined` if the program does not call it. */
export function findSlot(file: Uint8Array, name: string): bigint | undefined {
  const elf = new Elf(file);
  const tables = [[DT.JMPREL, DT.PLTRELSZ], [DT.RELA, DT.RELASZ]] as const;
  for (const [start, size] of tables) {
    const slot = findIn(elf, elf.dynamic(start), Number(elf.dynamic(size) ?? 0n), name);
    if (slot !== undefined) return slot;
  }
  return undefined;
}

function findIn(
  elf: Elf,
  table: bigint | undefined,
  size: number,
  name: string,
): bigint | undefined {
  const symbols = elf.dynamic(DT.SYMTAB);
  const strings = elf.dynamic(DT.STRTAB);
  if (table === undefined || symbols === undefined || strings === undefined) return undefined;
  const start = elf.offsetOf(table);
  for (let at = start; at < start + size; at += 24) {
    const type = elf.view.getUint32(at + 8, true);
    if (type !== GLOB_DAT && type !== JUMP_SLOT) continue;
    const symbol = elf.offsetOf(symbols) + 24 * elf.view.getUint32(at + 12, true);
    const text = elf.offsetOf(strings) + elf.view.getUint32(symbol, true);
    if (elf.hasText(text, `${name}\0`)) return elf.view.getBigUint64(at, true);
  }
  return undefined;
}

interface Part {
  readonly type: number;
  readonly offset: bigint;
  readonly address: bigint;
  readonly size: bigint;
}

class Elf {
  readonly view: DataView;
  readonly #file: Uint8Array;
  readonly #parts: readonly Part[];

  constructor(file: Uint8Array) {
    this.#file = file;
    this.view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const start = Number(this.view.getBigUint64(32, true));
    const size = this.view.getUint16(54, true);
    this.#parts = Array.from({ length: this.view.getUint16(56, true) }, (_, index) => {
      const at = start + index * size;
      const field = (offset: number) => this.view.getBigUint64(at + offset, true);
      const type = this.view.getUint32(at, true);
      return { type, offset: field(8), address: field(16), size: field(32) };
    });
  }

  /** The file offset of an address. */
  offsetOf(address: bigint): number {
    const part = this.#parts.find((part) =>
      part.type === PT_LOAD && address >= part.address && address < part.address + part.size
    );
    if (part === undefined) throw new Error("The file does not hold what its headers name");
    return Number(address - part.address + part.offset);
  }

  /** An entry of the dynamic section. */
  dynamic(tag: number): bigint | undefined {
    const section = this.#parts.find(({ type }) => type === PT_DYNAMIC);
    if (section === undefined) return undefined;
    for (let at = Number(section.offset);; at += 16) {
      const found = Number(this.view.getBigInt64(at, true));
      if (found === tag) return this.view.getBigUint64(at + 8, true);
      if (found === 0) return undefined;
    }
  }

  hasText(at: number, text: string): boolean {
    const bytes = new TextEncoder().encode(text);
    return bytes.every((byte, index) => this.#file[at + index] === byte);
  }
}
