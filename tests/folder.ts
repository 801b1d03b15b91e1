/** Makes a new folder; gives the path by which the system knows it (on macOS `/tmp` is a link). */
export function makeFolder(): string {
  return Deno.realPathSync(Deno.makeTempDirSync({ prefix: "aws-vault-test-" }));
}

/** A folder of a test's own, which goes with it. */
export class Folder implements Disposable {
  readonly path = makeFolder();

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
