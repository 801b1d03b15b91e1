import assert from "node:assert/strict";
import { ADD, CACHE_WRITE, REMOVE, ROTATE } from "./scenes.ts";
import { type Scene, World } from "./world.ts";

const PAGE = 4096;

/** A file system of its own, of one megabyte, in memory. */
class SmallDisk implements Disposable {
  readonly path: string;
  readonly #filler: string;

  constructor(path: string) {
    this.path = path;
    this.#filler = `${path}/filler`;
    Deno.mkdirSync(path);
    mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", path);
  }

  /** Leaves so many pages free. */
  fill(freePages: number): void {
    using file = Deno.openSync(this.#filler, { create: true, write: true });
    let size = 0;
    try {
      for (;;) size += file.writeSync(new Uint8Array(PAGE));
    } catch {
      // Full.
    }
    file.truncateSync(size - freePages * PAGE);
  }

  empty(): void {
    Deno.removeSync(this.#filler);
  }

  setReadOnly(isReadOnly: boolean): void {
    const words = ["-o", `remount,${isReadOnly ? "ro" : "rw"}`, this.path];
    // What is being started by another test has our files open until its execve.
    for (let tries = 0; tries < 100; tries++) {
      try {
        return mount(...words);
      } catch (error) {
        if (!(error instanceof Error && error.message.includes("busy"))) throw error;
      }
    }
    mount(...words);
  }

  [Symbol.dispose](): void {
    new Deno.Command("umount", { args: ["-l", this.path] }).outputSync();
  }
}

function mount(...args: string[]): void {
  const { success, stderr } = new Deno.Command("mount", { args }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Only root may, and not in every container; what fails for real here is made to fail everywhere else. */
function canMount(): boolean {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const folder = Deno.makeTempDirSync();
  try {
    using _disk = new SmallDisk(`${folder}/disk`);
    return true;
  } catch {
    return false;
  } finally {
    new Deno.Command("rm", { args: ["-r", folder] }).outputSync();
  }
}

const ONLY_WHERE_MOUNTED = { ignore: !canMount() };
const SCENES: Record<string, Scene> = {
  add: ADD,
  remove: REMOVE,
  rotate: ROTATE,
  export: CACHE_WRITE,
};

/** Prepares the scene with some of the folders on a small disk. */
async function prepare(scene: Scene, world: World, disk: SmallDisk, folders: readonly string[]) {
  if (folders.includes("keys")) world.env["AWS_VAULT_FILE_DIR"] = `${disk.path}/keys`;
  if (folders.includes("state")) world.env["AWS_VAULT_STATE_DIR"] = `${disk.path}/state`;
  await scene.prepare(world);
}

for (const [name, scene] of Object.entries(SCENES)) {
  Deno.test({
    ...ONLY_WHERE_MOUNTED,
    name: `${name} on a disk with few pages left keeps what it must`,
    async fn() {
      for (let freePages = 0; freePages < 12; freePages++) {
        await using world = await World.open();
        using disk = new SmallDisk(`${world.path}/small`);
        await prepare(scene, world, disk, ["keys", "state"]);
        disk.fill(freePages);
        const finished = await world.run(...scene.words(world));
        disk.empty();
        await scene.check(world, finished);
      }
    },
  });

  for (const folders of [["state"], ["keys", "state"]]) {
    Deno.test({
      ...ONLY_WHERE_MOUNTED,
      name: `${name} with a read-only folder of ${folders.join(" and ")} keeps what it must`,
      async fn() {
        await using world = await World.open();
        using disk = new SmallDisk(`${world.path}/small`);
        await prepare(scene, world, disk, folders);
        disk.setReadOnly(true);
        const finished = await world.run(...scene.words(world));
        const { code, stderr } = finished;
        const needsKeys = folders.includes("keys") && scene !== CACHE_WRITE;
        assert.equal(code, needsKeys ? 1 : 0, stderr);
        disk.setReadOnly(false);
        await scene.check(world, finished);
      },
    });
  }
}
