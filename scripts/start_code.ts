/**
 * Code that runs before the runtime: it leaves a deleted working folder for one that exists, turns
 * arguments into text, and reports an error for a clock or a program path that the runtime cannot read.
 *
 * The runtime first asks for its working folder, and exits if it does not exist, before any of this
 * program runs. A shell whose folder was deleted (another branch, a build that cleans up) is common, and
 * a program that needs no folder must run in it. The runtime also exits with a stack trace if an
 * argument is not UTF-8, as a file name for the command of `exec` may be, if the clock is before 1970,
 * and if the path of the program is not UTF-8.
 *
 * The code is put into the runtime base as a separate segment, which takes the place of the note segment
 * (the build's ID, for debuggers). It is the entry point, and ends with a jump to the former one. ELF:
 * System V ABI, "Program Header" and "Process Initialization" (x86-64 psABI, section 3.4).
 */

import { findSlot } from "./elf_slot.ts";

const PT_LOAD = 1;
const PT_NOTE = 4;
const READ_EXECUTE = 5;
const PAGE = 0x1000n;
/** The offset of the jump's distance in the code. */
const JUMP_AT = 0x144;
/** The same in {@linkcode PATH_CHECK}. */
const LAST_JUMP_AT = 0x8f;
/** The offset of the jump over the clock check; two bytes. */
const SKIP_AT = 0x100;
const NO_SKIP = [0x66, 0x90];
/** The offset of the distance to the slot of `clock_gettime` in the code. */
const SLOT_AT = 0x10d;

/**
 * The code for x86-64. It keeps the deleted folder open as a descriptor of 64 or more, close-on-exec
 * (`src/system/deleted_folder.ts` finds it), and changes to `/proc/self`, where nobody can write, so
 * that no relative path refers to anybody's file; if that fails, to `/`. An argument with a byte of
 * 0x80 or more is replaced by a copy that begins with U+FDD0 and has the character with the number of
 * each such byte (`src/system/arguments.ts` reads it); without memory for the copy, it stays. The clock
 * is read like the runtime reads it, with the C library.
 *
 * ```text
 *         push rdx                    the one register that matters to the former entry point
 *         sub  rsp, 4096
 *         mov  byte [rsp], 0
 *         getcwd(rsp, 4096)
 *         cmp  byte [rsp], '/'        a folder that is there; "(unreachable)" is none
 *         je   done
 *         cmp  rax, -ERANGE           a path that is only long
 *         je   done
 *         open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)
 *         js   away
 *         fcntl(fd, F_DUPFD_CLOEXEC, 64), close(fd)
 * away:   chdir("/proc/self"), or else chdir("/")
 * done:   add  rsp, 4096
 *         lea  rbx, [rsp+16]          argv
 * next:   mov  r12, [rbx]
 *         r12 is null: je end
 * scan:   rcx = its length with the end; dl = all bytes, or-ed
 *         test dl, dl
 *         jns  skip                   ASCII
 *         mmap(0, 2*rcx + 3, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
 *         js   skip
 *         mov  [rbx], rax
 *         write EF B7 90              U+FDD0
 * copy:   lodsb; below 0x80: stosb; else 0xC0 | byte >> 6, and byte & 0xBF
 *         until the end was copied
 * skip:   add  rbx, 8
 *         jmp  next
 * end:    jmp  after                  nop where the program calls clock_gettime
 *         clock_gettime(CLOCK_REALTIME, rsp), by the program's own slot
 *         jns  after                  tv_sec
 *         write(2, text), exit_group(1)
 * after:  pop  rdx
 *         jmp  the check of the path
 * ```
 */
const X86_64 =
  "524881ec00100000c6042400b84f0000004889e7be001000000f05803c242f745f4883f8de7459b802000000" +
  "488d3d15010000be0000290031d20f054885c0781e89c3b84800000089dfbe06040000ba400000000f05b803" +
  "00000089df0f05b850000000488d3ddf0000000f054885c0790eb850000000488d3dd70000000f054881c400" +
  "100000488d5c24104c8b234d85e4746c31c931d2418a040c48ffc108c284c075f384d27951b80900000031ff" +
  "488d740903ba0300000041ba2200000049c7c0ffffffff4531c90f054885c078294889034c89e64889c7c707" +
  "efb790004883c703ac84c0790c88c4c0e8060cc0aa88e024bfaa84c075ea4883c308eb8ceb404883ec1831ff" +
  "4889e6ff1500000000488b04244883c4184885c07924b801000000bf02000000488d3528000000ba53000000" +
  "0f05b8e7000000bf010000000f055ae9000000002e002f70726f632f73656c66002f006572726f723a204361" +
  "6e6e6f7420676f206f6e3a2074686973206d616368696e65277320636c6f636b206973206265666f72652031" +
  "3937300a68696e743a205365742074686520636c6f636b2072696768740a";

/**
 * Also for x86-64: reports an error if the program's own path is not UTF-8. Sequences are counted, but
 * not checked for forms that no encoder writes (overlong forms, half of a surrogate pair).
 *
 * ```text
 *         push rdx
 *         sub  rsp, 4096
 *         readlink("/proc/self/exe", rsp, 4096)
 *         jle  fine
 *         mov  rcx, rax
 *         mov  rsi, rsp
 *         xor  edx, edx               the bytes that have to follow
 * next:   lodsb
 *         below 0x80: edx has to be 0
 *         below 0xC0: dec edx, which had not to be 0
 *         below 0xF8: edx has to be 0, and becomes 1, 2 from 0xE0, 3 from 0xF0
 *         else: bad
 *         dec  rcx, jnz next
 *         edx is 0: je fine
 * bad:    write(2, text), exit_group(1)
 * fine:   add  rsp, 4096
 *         pop  rdx
 *         jmp  former entry point
 * ```
 */
const PATH_CHECK =
  "524881ec00100000b859000000488d3d7f0000004889e6ba001000000f054885c07e634889c14889e631d2ac" +
  "84c079253cc0721b85d2752a3cf87326ba010000003ce07214ffc23cf0720effc2eb0affca780feb0485d275" +
  "0948ffc975cd85d27424b801000000bf02000000488d352f000000ba710000000f05b8e7000000bf01000000" +
  "0f054881c4001000005ae9000000002f70726f632f73656c662f657865006572726f723a2043616e6e6f7420" +
  "72756e2066726f6d20686572653a207468652070617468206f6620746869732070726f6772616d206973206e" +
  "6f74205554462d380a68696e743a204d6f766520697420746f206120666f6c6465722077686f7365206e616d" +
  "65206973205554462d380a";

/**
 * A runtime base with the code in front, or unchanged if its platform has no such code: only Linux
 * on x86-64 does. Throws an `Error` for an ELF file that has no room for it.
 */
export function withStartCode(base: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const header = new DataView(base.buffer, base.byteOffset, base.byteLength);
  if (!isX86Elf(header)) return base;
  const first = Uint8Array.fromHex(X86_64);
  const code = Uint8Array.fromHex(X86_64 + PATH_CHECK);
  const segments = readSegments(header);
  const offset = roundUp(BigInt(base.length), PAGE);
  const ends = segments.filter(({ type }) => type === PT_LOAD).map(({ end }) => end);
  const address = roundUp(ends.reduce((most, end) => end > most ? end : most, 0n), PAGE);
  const patched = new Uint8Array(Number(offset) + code.length);
  patched.set(base);
  patched.set(code, Number(offset));
  const view = new DataView(patched.buffer);
  const entry = view.getBigUint64(24, true);
  view.setInt32(Number(offset) + JUMP_AT, first.length - (JUMP_AT + 4), true);
  const jumpAt = first.length + LAST_JUMP_AT;
  const jump = entry - (address + BigInt(jumpAt) + 4n);
  view.setInt32(Number(offset) + jumpAt, Number(jump), true);
  const slot = findSlot(base, "clock_gettime");
  if (slot !== undefined) {
    patched.set(NO_SKIP, Number(offset) + SKIP_AT);
    const distance = slot - (address + BigInt(SLOT_AT) + 4n);
    view.setInt32(Number(offset) + SLOT_AT, Number(distance), true);
  }
  view.setBigUint64(24, address, true);
  placeSegment(view, segments, { offset, address, size: BigInt(code.length) });
  return patched;
}

function isX86Elf(header: DataView): boolean {
  return header.byteLength > 64 && header.getUint32(0) === 0x7f454c46 &&
    header.getUint8(4) === 2 && header.getUint16(18, true) === 0x3e;
}

interface Segment {
  readonly type: number;
  /** The offset of its header in the file. */
  readonly at: number;
  /** The address after its end. */
  readonly end: bigint;
}

function readSegments(header: DataView): Segment[] {
  const start = Number(header.getBigUint64(32, true));
  const size = header.getUint16(54, true);
  return Array.from({ length: header.getUint16(56, true) }, (_, index) => {
    const at = start + index * size;
    const end = header.getBigUint64(at + 16, true) + header.getBigUint64(at + 40, true);
    return { type: header.getUint32(at, true), at, end };
  });
}

/** The headers of loadable segments are sorted by address: the new one is the last. */
function placeSegment(
  view: DataView,
  segments: readonly Segment[],
  { offset, address, size }: Readonly<Record<"offset" | "address" | "size", bigint>>,
): void {
  const note = segments.findLast(({ type }) => type === PT_NOTE);
  const last = segments.at(-1);
  if (note === undefined || last === undefined) {
    throw new Error("The runtime base has no note segment");
  }
  const bytes = new Uint8Array(view.buffer);
  bytes.copyWithin(note.at, note.at + 56, last.at + 56);
  const { at } = last;
  view.setUint32(at, PT_LOAD, true);
  view.setUint32(at + 4, READ_EXECUTE, true);
  const fields = [offset, address, address, size, size, PAGE];
  fields.forEach((value, index) => view.setBigUint64(at + 8 + 8 * index, value, true));
}

function roundUp(value: bigint, unit: bigint): bigint {
  return (value + unit - 1n) / unit * unit;
}
