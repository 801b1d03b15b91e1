import assert from "node:assert/strict";
import { failureReason } from "./file_failure.ts";
import { readPlainFile } from "./plain_file.ts";

const onUnix = Deno.build.os !== "windows";

async function inFolder(test: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "plain-file-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function refusal(path: string): string {
  try {
    readPlainFile(path);
  } catch (error) {
    return failureReason(error);
  }
  throw new Error(`${path} was read`);
}

const text = (path: string) => new TextDecoder().decode(readPlainFile(path));

Deno.test("readPlainFile() reads a file whatever size it says it has", () =>
  inFolder(async (folder) => {
    for (const length of [0, 1, 4095, 4096, 4097, 100_000]) {
      await Deno.writeTextFile(`${folder}/file`, "a".repeat(length));
      assert.equal(text(`${folder}/file`), "a".repeat(length));
    }
    if (onUnix) {
      await Deno.symlink(`${folder}/file`, `${folder}/link`);
      assert.equal(readPlainFile(`${folder}/link`).length, 100_000);
    }
    if (Deno.build.os === "linux") assert.match(text("/proc/self/stat"), /^\d+ /);
  }));

Deno.test({
  name: "readPlainFile() refuses a file of the kernel, which may block",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (folder) => {
      await Deno.symlink("/proc/kmsg", `${folder}/link`);
      for (const path of ["/proc/kmsg", "/proc/version", `${folder}/link`]) {
        assert.equal(refusal(path), "it is a file of the kernel, not a plain file");
      }
    }),
});

Deno.test({
  name: "readPlainFile() refuses a pipe, a device and a folder at once, and a file without end",
  ignore: !onUnix,
  fn: () =>
    inFolder(async (folder) => {
      await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
      await Deno.symlink(`${folder}/pipe`, `${folder}/link`);
      using large = await Deno.create(`${folder}/large`);
      await large.truncate(600 * 1024 * 1024);
      const expected = {
        pipe: "it is a pipe, not a plain file",
        link: "it is a pipe, not a plain file",
        large: "it has more than 16 MiB",
        ".": "it is a folder",
      };
      for (const [name, reason] of Object.entries(expected)) {
        assert.equal(refusal(`${folder}/${name}`), reason);
      }
      assert.equal(refusal("/dev/zero"), "it is a device, not a plain file");
    }),
});

Deno.test({
  name:
    "readPlainFile() takes the null device for an empty file, and what a shell gives by a descriptor",
  ignore: !onUnix,
  async fn() {
    assert.equal(text("/dev/null"), "");
    const module = new URL("plain_file.ts", import.meta.url).href;
    const code = `import{readPlainFile}from"${module}";` +
      "console.log(new TextDecoder().decode(readPlainFile(Deno.args[0])))";
    const script = `"$0" eval '${code}' <(printf of-a-pipe)`;
    const { stdout } = await new Deno.Command("bash", {
      args: ["-c", script, Deno.execPath()],
      env: { NO_COLOR: "1" },
    }).output();
    assert.equal(new TextDecoder().decode(stdout), "of-a-pipe\n");
  },
});
