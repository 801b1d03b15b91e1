import { openKernelKeys } from "../../src/system/ffi/kernel_keys.ts";

/** A keyring of the user's under a name of a test's own; it may not exist. */
export interface TestKeyring extends Disposable {
  readonly name: string;
}

/** Whether keys can be made here, for `requireService`: containers often forbid it. */
export function hasKernelKeys(): boolean {
  try {
    return openKernelKeys()?.specialKeyring("user") !== undefined;
  } catch {
    return false;
  }
}

export const KERNEL_KEYS_INSTALL = "a Linux whose add_key(2) and keyctl(2) are not forbidden";

/** Thinks of a name, and forgets what was kept under it in the end. */
export function testKeyring(): TestKeyring {
  const name = `aws-vault-test-${crypto.randomUUID()}`;
  return {
    name,
    [Symbol.dispose]() {
      const kernel = openKernelKeys()!;
      const user = kernel.specialKeyring("user");
      const ring = kernel.findKeyring(user, name);
      if (ring !== undefined) kernel.unlink(ring, user);
    },
  };
}

/** The text of a program's standard output; throws with its standard error where it fails. */
export async function output(
  command: string,
  args: readonly string[],
  options: { stdin?: string; env?: Readonly<Record<string, string>>; clearEnv?: boolean } = {},
): Promise<string> {
  const { stdin = "", env = {}, clearEnv = false } = options;
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...env },
    clearEnv,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin)).then(() => writer.close()).catch(() => {});
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`${command} ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
