import assert from "node:assert/strict";
import { VaultError } from "../errors.ts";
import { systemFiles } from "./files.ts";

const files = systemFiles();
const onUnix = Deno.build.os !== "windows";

function inFolder(test: (folder: string) => void): () => void {
  return () => {
    const folder = Deno.makeTempDirSync({ prefix: "files-test-" });
    try {
      test(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  };
}

function failure(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert(error instanceof VaultError);
    assert.equal(error.code, "file-failed");
    return error.message;
  }
  throw new Error("nothing was thrown");
}

function modeOf(path: string): number {
  return Deno.statSync(path).mode! & 0o7777;
}

Deno.test(
  "a missing file, or one under a file, is nothing",
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    for (const path of [`${folder}/none`, `${folder}/file/none`]) {
      assert.equal(files.readText(path), undefined);
      assert.equal(files.readBytes(path), undefined);
      assert.equal(files.info(path), undefined);
      assert.deepEqual(files.list(path), []);
      assert.equal(files.remove(path), false);
    }
  }),
);

Deno.test(
  "readText() keeps a byte order mark and replaces invalid bytes",
  inFolder((folder) => {
    Deno.writeFileSync(`${folder}/a`, new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff]));
    assert.equal(files.readText(`${folder}/a`), "\ufeffa\ufffd");
  }),
);

Deno.test(
  "writeWhole() makes a private file and leaves nothing beside it",
  inFolder((folder) => {
    files.writeWhole(`${folder}/a`, "one");
    files.writeWhole(`${folder}/b`, new Uint8Array([1, 2]), { mode: 0o644 });
    assert.equal(files.readText(`${folder}/a`), "one");
    assert.deepEqual(files.readBytes(`${folder}/b`), new Uint8Array([1, 2]));
    assert.deepEqual(files.list(folder).sort(), ["a", "b"]);
    if (onUnix) assert.deepEqual([modeOf(`${folder}/a`), modeOf(`${folder}/b`)], [0o600, 0o644]);
  }),
);

Deno.test({
  name: "writeWhole() keeps the mode of a file unless one is given",
  ignore: !onUnix,
  fn: inFolder((folder) => {
    const path = `${folder}/a`;
    Deno.writeTextFileSync(path, "old");
    Deno.chmodSync(path, 0o664);
    files.writeWhole(path, "new");
    assert.deepEqual([files.readText(path), modeOf(path)], ["new", 0o664]);
    files.writeWhole(path, "newer", { mode: 0o600 });
    assert.deepEqual([files.readText(path), modeOf(path)], ["newer", 0o600]);
  }),
});

Deno.test({
  name: "writeWhole() follows links, keeps them, and makes the file that a loose one names",
  ignore: !onUnix,
  fn: inFolder((folder) => {
    Deno.mkdirSync(`${folder}/dotfiles/deep`, { recursive: true });
    Deno.writeTextFileSync(`${folder}/dotfiles/config`, "old");
    Deno.symlinkSync("dotfiles/deep", `${folder}/into`);
    Deno.symlinkSync("../config", `${folder}/dotfiles/deep/link`);
    Deno.symlinkSync("into/link", `${folder}/outer`);
    Deno.symlinkSync("dotfiles/new", `${folder}/loose`);
    files.writeWhole(`${folder}/outer`, "new");
    files.writeWhole(`${folder}/loose`, "made");
    assert.equal(Deno.readTextFileSync(`${folder}/dotfiles/config`), "new");
    assert.equal(Deno.readTextFileSync(`${folder}/dotfiles/new`), "made");
    assert(Deno.lstatSync(`${folder}/outer`).isSymlink);
    assert(Deno.lstatSync(`${folder}/dotfiles/deep/link`).isSymlink);
    assert(Deno.lstatSync(`${folder}/loose`).isSymlink);
  }),
});

Deno.test({
  name: "writeWhole() says in words why it failed, and leaves no temporary file",
  ignore: !onUnix,
  fn: inFolder((folder) => {
    Deno.mkdirSync(`${folder}/sub`);
    Deno.writeTextFileSync(`${folder}/file`, "");
    Deno.symlinkSync("b", `${folder}/a`);
    Deno.symlinkSync("a", `${folder}/b`);
    const why = (name: string) => failure(() => files.writeWhole(`${folder}/${name}`, "x"));
    assert.equal(why("sub"), `Cannot write "${folder}/sub": it is a folder`);
    assert.equal(
      why("none/x"),
      `Cannot write "${folder}/none/x": there is no such file or folder`,
    );
    assert.equal(
      why("file/x"),
      `Cannot write "${folder}/file/x": a part of the path is not a folder`,
    );
    assert.equal(
      why("a"),
      `Cannot write "${folder}/a": too many symbolic links, perhaps in a loop`,
    );
    assert.equal(
      failure(() => files.writeWhole("/dev/null", "x")),
      `Cannot write "/dev/null": it is not a regular file`,
    );
    assert.deepEqual(files.list(folder).sort(), ["a", "b", "file", "sub"]);
  }),
});

Deno.test(
  "makeFolder() makes the ones above it too, and says when a file is in the way",
  inFolder((folder) => {
    files.makeFolder(`${folder}/a/b`);
    files.makeFolder(`${folder}/a/b`);
    if (onUnix) {
      assert.deepEqual([modeOf(`${folder}/a`), modeOf(`${folder}/a/b`)], [0o700, 0o700]);
    }
    files.writeWhole(`${folder}/a/file`, "");
    assert.equal(
      failure(() => files.makeFolder(`${folder}/a/file`)),
      `Cannot create the folder "${folder}/a/file": what is there is not a folder`,
    );
  }),
);

Deno.test(
  "info(), list(), rename() and remove() tell what is there",
  inFolder((folder) => {
    files.writeWhole(`${folder}/a`, "12345");
    const found = files.info(`${folder}/a`)!;
    assert.deepEqual({ ...found, modified: undefined }, {
      kind: "file",
      mode: onUnix ? 0o600 : undefined,
      isOwn: true,
      isTrusted: true,
      size: 5,
      modified: undefined,
    });
    assert(found.modified instanceof Temporal.Instant);
    assert.equal(files.info(folder)!.kind, "folder");
    files.rename(`${folder}/a`, `${folder}/b`);
    assert.deepEqual(files.list(folder), ["b"]);
    assert.deepEqual([files.remove(`${folder}/b`), files.remove(`${folder}/b`)], [true, false]);
    assert.equal(
      failure(() => files.rename(`${folder}/b`, `${folder}/c`)),
      `Cannot rename "${folder}/b" to "${folder}/c": there is no such file or folder`,
    );
  }),
);

Deno.test(
  "tryLock() is exclusive between handles, and the file stays",
  inFolder((folder) => {
    const path = `${folder}/x.lock`;
    const first = files.tryLock(path)!;
    assert.equal(files.tryLock(path), undefined);
    first.release();
    const second = files.tryLock(path)!;
    second.release();
    assert.deepEqual(files.list(folder), ["x.lock"]);
    if (onUnix) assert.equal(modeOf(path), 0o600);
  }),
);

/** Another thread that starts a hundred programs: each child has all our descriptors until it starts. */
class Starter {
  readonly #worker: Worker;
  #isBusy = true;

  constructor() {
    const code = `
      for (let i = 0; i < 100; i++) await new Deno.Command("/bin/sh", { args: ["-c", ":"] }).output();
      postMessage("done");`;
    const url = `data:application/javascript,${encodeURIComponent(code)}`;
    this.#worker = new Worker(url, { type: "module" });
    this.#worker.onmessage = () => this.#isBusy = false;
  }

  /** Lets the message of its end arrive. */
  async isBusy(): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve));
    return this.#isBusy;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}

Deno.test({
  name: "a released lock is free at once, also while another thread starts programs",
  ignore: !onUnix,
  async fn() {
    using starter = new Starter();
    const folder = Deno.makeTempDirSync({ prefix: "files-test-" });
    try {
      let refused = 0;
      while (await starter.isBusy()) {
        for (let i = 0; i < 100; i++) {
          const lock = files.tryLock(`${folder}/x.lock`);
          if (!lock) refused++;
          lock?.release();
        }
      }
      assert.equal(refused, 0);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
