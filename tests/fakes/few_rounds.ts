/**
 * Takes the cost out of PBKDF2, not its place: loaded before the program (`deno run --preload`) or by a
 * test, it derives keys as the program asks for them, only with one round for every thousand.
 *
 * The file store writes with 600,000 rounds, and most of the suite's time would go into them. The
 * program has no switch for fewer, and what it writes still says 600,000. All of them are done in `backends/file/jwe_test.ts`, in the exchange with the Go library
 * (`tests/interop/go_keyring_test.ts`), in `tests/process/cached_export_test.ts`, and in every story
 * and process of the compiled program (`.ci/run`).
 */

const { subtle } = crypto;
const deriveBits = subtle.deriveBits.bind(subtle);

/** The compiled program does all rounds, and must be able to open what a test has stored. */
function isForSources(): boolean {
  return Deno.env.get("AWS_VAULT_BIN") === undefined;
}

if (isForSources()) {
  subtle.deriveBits = (algorithm, key, length) => deriveBits(withFewRounds(algorithm), key, length);
}

function withFewRounds(algorithm: Parameters<typeof deriveBits>[0]): typeof algorithm {
  if (typeof algorithm === "string" || !("iterations" in algorithm)) return algorithm;
  return { ...algorithm, iterations: Math.ceil(algorithm.iterations / 1000) };
}
