/** The C library's `syscall(2)`, for what it has no function of its own for; opened once a process. */

/** A structure of one number is passed in the register that the number would have, on both machines. */
const REGISTER = { struct: ["i64"] } as const;

/**
 * One function for all calls, pointers passed as numbers, and the last argument as a structure.
 *
 * For functions of plain numbers Deno makes machine code at run time, a quarter of a millisecond each
 * (measured): a cached call feels it, and a process with a handful of calls never gets it back.
 */
const SYMBOLS = {
  syscall: { parameters: ["i64", "i64", "i64", "i64", "i64", REGISTER], result: "i64" },
  errnoLocation: { name: "__errno_location", parameters: [REGISTER], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The functions of the C library that system calls need. */
export type SystemCallLibrary = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

let opened: SystemCallLibrary | undefined | false = false;

/** The library, or `undefined` where there is none on this system. */
export function openSystemCalls(): SystemCallLibrary | undefined {
  if (opened === false) opened = Deno.build.os === "linux" ? open() : undefined;
  return opened;
}

function open(): SystemCallLibrary | undefined {
  for (const name of ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`]) {
    try {
      return Deno.dlopen(name, SYMBOLS).symbols;
    } catch {
      // The next one.
    }
  }
  return undefined;
}
