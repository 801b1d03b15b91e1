/**
 * Says whether a suite that needs a real service can run here.
 *
 * Where the service is missing the suite is ignored and the reason printed; under CI, which installs
 * all of them, it fails instead, so that nothing is skipped unseen.
 */
export function requireService(
  name: string,
  available: boolean,
  install: string,
): { ignore: boolean } {
  if (available) return { ignore: false };
  const reason = `${name} is not on this machine (${install})`;
  if (Deno.env.get("CI")) throw new Error(`CI must run these tests: ${reason}`);
  console.log(`skipped: ${reason}`);
  return { ignore: true };
}

/** Whether a program can be started and ends well, for the second argument of {@linkcode requireService}. */
export function runs(command: string, ...args: string[]): boolean {
  try {
    const options = { args, stdin: "null", stdout: "null", stderr: "null" } as const;
    return new Deno.Command(command, options).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
