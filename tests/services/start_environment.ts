/**
 * The variables that this process was started with; those that it has now where the system does not show
 * them, as to a process that protects its memory and is not root's.
 *
 * All tests of a run share one environment, and the program takes variables out of it that name certificates
 * (`src/system/env.ts`): what downloads something for a test, such as npm, needs them.
 */
export function startEnvironment(): Record<string, string> {
  const entries = readEntries().map((entry) => {
    const end = entry.indexOf("=");
    return [entry.slice(0, end), entry.slice(end + 1)];
  });
  return { ...Object.fromEntries(entries), ...Deno.env.toObject() };
}

function readEntries(): string[] {
  try {
    return Deno.readTextFileSync("/proc/self/environ").split("\0").filter((entry) => entry !== "");
  } catch {
    return [];
  }
}
