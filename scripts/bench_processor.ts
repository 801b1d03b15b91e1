/** The processor time of the processes that the bench runs, as the kernel counts it. */

/** A total that grows with every child that ends. */
export interface ProcessorClock extends Disposable {
  /**
   * User and system time of all children that were waited for, and of their children, in
   * milliseconds.
   */
  childrenMs(): number;
}

const RUSAGE_CHILDREN = -1;
/** `struct rusage` of 64-bit Linux: 18 words, of which the first four are two `struct timeval`. */
const RUSAGE_WORDS = 18;

/** Opens getrusage(2), which counts microseconds; `undefined` if this is not Linux. */
export function openProcessorClock(): ProcessorClock | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const library = Deno.dlopen("libc.so.6", {
    getrusage: { parameters: ["i32", "buffer"], result: "i32" },
  });
  const usage = new BigInt64Array(RUSAGE_WORDS);
  return {
    childrenMs() {
      library.symbols.getrusage(RUSAGE_CHILDREN, usage);
      const [userSeconds, userMicros, systemSeconds, systemMicros] = [...usage].map(Number);
      return ((userSeconds ?? 0) + (systemSeconds ?? 0)) * 1000 +
        ((userMicros ?? 0) + (systemMicros ?? 0)) / 1000;
    },
    [Symbol.dispose]: () => library.close(),
  };
}
