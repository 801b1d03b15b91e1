/** The Windows console with its wide-character calls: UTF-16 in any code page (`consoleapi.h`, `wincon.h`). */

import { wideString } from "./credentialw.ts";

const KERNEL32 = {
  // HANDLE (LPCWSTR, DWORD access, DWORD share, LPSECURITY_ATTRIBUTES, DWORD how, DWORD flags, HANDLE)
  CreateFileW: {
    parameters: ["buffer", "u32", "u32", "pointer", "u32", "u32", "u64"],
    result: "u64",
  },
  // BOOL (HANDLE, LPDWORD)
  GetConsoleMode: { parameters: ["u64", "buffer"], result: "i32" },
  // BOOL (HANDLE, DWORD)
  SetConsoleMode: { parameters: ["u64", "u32"], result: "i32" },
  // BOOL (HANDLE, const VOID *, DWORD units, LPDWORD written, LPVOID)
  WriteConsoleW: { parameters: ["u64", "buffer", "u32", "buffer", "pointer"], result: "i32" },
  // BOOL (HANDLE, LPVOID, DWORD units, LPDWORD read, PCONSOLE_READCONSOLE_CONTROL)
  ReadConsoleW: { parameters: ["u64", "buffer", "u32", "buffer", "pointer"], result: "i32" },
  // BOOL (HANDLE, PINPUT_RECORD, DWORD records, LPDWORD count)
  PeekConsoleInputW: { parameters: ["u64", "buffer", "u32", "buffer"], result: "i32" },
  ReadConsoleInputW: { parameters: ["u64", "buffer", "u32", "buffer"], result: "i32" },
  // UINT (void)
  GetConsoleCP: { parameters: [], result: "u32" },
  // int (UINT page, DWORD flags, LPCWCH, int, LPSTR, int, LPCCH, LPBOOL)
  WideCharToMultiByte: {
    parameters: ["u32", "u32", "buffer", "i32", "buffer", "i32", "pointer", "pointer"],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

type Calls = Deno.DynamicLibrary<typeof KERNEL32>["symbols"];

const GENERIC_READ_WRITE = 0xc0000000;
const FILE_SHARE_READ_WRITE = 3;
const OPEN_EXISTING = 3;
const INVALID_HANDLE = 0xffffffffffffffffn;

/** The bits of the input's mode that a question at the terminal changes. */
export const INPUT_MODE = {
  /** Ctrl-C is a signal, not a character. */
  PROCESSED: 0x1,
  LINE: 0x2,
  ECHO: 0x4,
} as const;

/** `INPUT_RECORD`, 20 bytes: the type at 0, and the members of a key event at these offsets. */
const RECORD_SIZE = 20;
const AT = { type: 0, isDown: 4, virtualKey: 10, unit: 14 } as const;
const KEY_EVENT = 1;
const VK_MENU = 0x12;

/** The keys without a character that dialogs use, with the sequences that other terminals send for them. */
const SEQUENCES: Readonly<Record<number, string>> = {
  0x21: "\x1b[5~", // VK_PRIOR
  0x22: "\x1b[6~", // VK_NEXT
  0x23: "\x1b[F", // VK_END
  0x24: "\x1b[H", // VK_HOME
  0x25: "\x1b[D", // VK_LEFT
  0x26: "\x1b[A", // VK_UP
  0x27: "\x1b[C", // VK_RIGHT
  0x28: "\x1b[B", // VK_DOWN
};

/** The console of this process, for text of any script. */
export interface Console {
  inputMode(): number | undefined;
  setInputMode(mode: number): void;
  write(text: string): void;
  /** Reads the unread input, without waiting: characters, and the sequences of some other keys. */
  readTyped(): string;
  /**
   * Converts text to what releases before 8.0 read for the same keys: the bytes of the console's code page,
   * decoded as UTF-8.
   */
  oldReading(text: string): string;
}

/** Opens `CONIN$` and `CONOUT$`; `undefined` if the process has no console. */
export function openConsole(): Console | undefined {
  const { symbols: calls } = Deno.dlopen("kernel32.dll", KERNEL32);
  const input = open(calls, "CONIN$"), output = open(calls, "CONOUT$");
  if (input === INVALID_HANDLE || output === INVALID_HANDLE) return undefined;
  const console = new WideConsole(calls, input, output);
  return console.inputMode() === undefined ? undefined : console;
}

function open(calls: Calls, name: string): bigint {
  const access = GENERIC_READ_WRITE, share = FILE_SHARE_READ_WRITE;
  return calls.CreateFileW(wideString(name), access, share, null, OPEN_EXISTING, 0, 0n);
}

class WideConsole implements Console {
  readonly #calls: Calls;
  readonly #input: bigint;
  readonly #output: bigint;
  readonly #count = new Uint32Array(1);

  constructor(calls: Calls, input: bigint, output: bigint) {
    this.#calls = calls;
    this.#input = input;
    this.#output = output;
  }

  inputMode(): number | undefined {
    const mode = new Uint32Array(1);
    return this.#calls.GetConsoleMode(this.#input, mode) === 0 ? undefined : mode[0];
  }

  setInputMode(mode: number): void {
    this.#calls.SetConsoleMode(this.#input, mode);
  }

  write(text: string): void {
    const units = unitsOf(text);
    for (let at = 0; at < units.length;) {
      const rest = units.subarray(at);
      const isDone = this.#calls.WriteConsoleW(this.#output, rest, rest.length, this.#count, null);
      if (isDone === 0 || this.#count[0] === 0) return;
      at += this.#count[0]!;
    }
  }

  readTyped(): string {
    let typed = "";
    const record = new Uint8Array(RECORD_SIZE);
    while (this.#call("PeekConsoleInputW", record)) {
      const { kind, virtualKey } = readRecord(record);
      // ReadConsoleW would wait for a character if there are only other events.
      if (kind === "character") typed += this.#readUnit();
      else this.#call("ReadConsoleInputW", record);
      if (kind === "key") typed += SEQUENCES[virtualKey] ?? "";
    }
    return typed;
  }

  #call(name: "PeekConsoleInputW" | "ReadConsoleInputW", record: Uint8Array<ArrayBuffer>): boolean {
    return this.#calls[name](this.#input, record, 1, this.#count) !== 0 && this.#count[0] === 1;
  }

  #readUnit(): string {
    const unit = new Uint16Array(1);
    const isRead = this.#calls.ReadConsoleW(this.#input, unit, 1, this.#count, null) !== 0;
    return isRead && this.#count[0] === 1 ? String.fromCharCode(unit[0]!) : "";
  }

  oldReading(text: string): string {
    const units = unitsOf(text);
    const bytes = new Uint8Array(4 * units.length);
    const page = this.#calls.GetConsoleCP();
    const { WideCharToMultiByte: encode } = this.#calls;
    const length = encode(page, 0, units, units.length, bytes, bytes.length, null, null);
    return new TextDecoder().decode(bytes.subarray(0, length));
  }
}

/** UTF-16 without a terminator; lone surrogates are kept. */
function unitsOf(text: string): Uint16Array<ArrayBuffer> {
  return Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
}

/** Classifies an input event: a character, another key that went down, or an event that is not read. */
function readRecord(
  record: Uint8Array<ArrayBuffer>,
): { kind: "character" | "key" | "other"; virtualKey: number } {
  const view = new DataView(record.buffer);
  const virtualKey = view.getUint16(AT.virtualKey, true);
  if (view.getUint16(AT.type, true) !== KEY_EVENT) return { kind: "other", virtualKey };
  const isDown = view.getInt32(AT.isDown, true) !== 0;
  // A character typed by its number (Alt code) arrives when Alt goes up.
  const hasCharacter = view.getUint16(AT.unit, true) !== 0 && (isDown || virtualKey === VK_MENU);
  return { kind: hasCharacter ? "character" : isDown ? "key" : "other", virtualKey };
}
