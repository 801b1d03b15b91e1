/**
 * Makes a new folder; gives the path by which the system knows it (on macOS `/tmp` is a link), with the
 * slashes that the program writes on Windows, too.
 */
export function makeFolder(): string {
  const path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "aws-vault-test-" }));
  return Deno.build.os === "windows" ? path.replaceAll("\\", "/") : path;
}

/** A folder of a test's own, which goes with it. */
export class Folder implements Disposable {
  readonly path = makeFolder();

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
