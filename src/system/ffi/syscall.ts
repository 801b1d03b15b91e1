/** The C library's `syscall(2)`, for calls without a dedicated function; opened once per process. */

/** A structure of one number is passed in the same register as the number, on both machines. */
const REGISTER = { struct: ["i64"] } as const;

/**
 * One function for all calls, pointers passed as numbers, and the last argument as a structure.
 *
 * For functions of plain numbers Deno generates machine code at run time, a quarter of a millisecond each
 * (measured). That matters to a cached call, and never pays off in a process with a few system calls.
 */
const SYMBOLS = {
  syscall: { parameters: ["i64", "i64", "i64", "i64", "i64", REGISTER], result: "i64" },
  errnoLocation: { name: "__errno_location", parameters: [REGISTER], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The functions of the C library that system calls need. */
export type SystemCallLibrary = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

let opened: SystemCallLibrary | undefined | false = false;

/** The library, or `undefined` if this system has none. */
export function openSystemCalls(): SystemCallLibrary | undefined {
  if (opened === false) opened = Deno.build.os === "linux" ? open() : undefined;
  return opened;
}

function open(): SystemCallLibrary | undefined {
  for (const name of ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`]) {
    try {
      return Deno.dlopen(name, SYMBOLS).symbols;
    } catch {
      // Try the next name.
    }
  }
  return undefined;
}
