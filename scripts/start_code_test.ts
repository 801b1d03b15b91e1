import assert from "node:assert/strict";
import { compileC, requireCompiler } from "../tests/fakes/compile_c.ts";
import { writeProgram } from "../tests/services/write_program.ts";
import { withStartCode } from "./start_code.ts";

/** A program of the system stands for the runtime base: the code does not know what it stands before. */
const PWD = "/bin/pwd";
const ECHO = "/bin/echo";
const DATE = "/bin/date";
const isHere = Deno.build.target === "x86_64-unknown-linux-gnu";

/** Runs a program in a folder that is deleted before it starts, or in one that is there. */
async function pwdIn(program: string, folder: string, isDeleted: boolean): Promise<string> {
  await Deno.mkdir(folder);
  const script = `cd '${folder}' && ${
    isDeleted ? `rmdir '${folder}' && ` : ""
  }exec '${program}' -P`;
  const { stdout, stderr } = await new Deno.Command("/bin/sh", { args: ["-c", script] }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test({
  name: "withStartCode() makes a program of Linux run where its working folder was deleted",
  ignore: !isHere,
  async fn() {
    const parent = await Deno.realPath(await Deno.makeTempDir());
    try {
      const program = `${parent}/pwd`;
      writeProgram(program, withStartCode(await Deno.readFile(PWD)));
      assert.match(await pwdIn(PWD, `${parent}/a`, true), /couldn't find|No such file/);
      assert.match(await pwdIn(program, `${parent}/b`, true), /^\/proc\/\d+\n$/);
      assert.equal(await pwdIn(program, `${parent}/c`, false), `${parent}/c\n`);
      const long = `${parent}/${"long-name-".repeat(20)}`;
      assert.equal(await pwdIn(program, long, false), `${long}\n`);
    } finally {
      await Deno.remove(parent, { recursive: true });
    }
  },
});

Deno.test({
  name: "withStartCode() makes a path of the program that is not UTF-8 an error",
  ignore: !isHere,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const program = `${folder}/echo`;
      writeProgram(program, withStartCode(await Deno.readFile(ECHO)));
      const error = "error: Cannot run from here: the path of this program is not UTF-8\n" +
        "hint: Move it to a folder whose name is UTF-8\n";
      // In octal, as printf takes it: é of Latin-1; half an é, €, 😀; a byte that none has; and whole ones.
      const names: [string, string][] = [
        ["\\351x", error],
        ["x\\303", error],
        ["\\342\\202x", error],
        ["\\360\\237\\230", error],
        ["x\\251", error],
        ["\\377", error],
        ["\\303\\251\\342\\202\\254\\360\\237\\230\\200x", "here\n"],
      ];
      for (const [name, expected] of names) {
        const script = `p='${folder}'/"$(printf '${name}')"; mkdir "$p"; cp '${program}' "$p"; ` +
          `exec "$p/echo" here`;
        const { stdout, stderr } = await new Deno.Command("/bin/sh", { args: ["-c", script] })
          .output();
        assert.equal(
          new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr),
          expected,
          name,
        );
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "withStartCode() makes text of arguments that are not ASCII, and leaves the others",
  ignore: !isHere,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      writeProgram(`${folder}/echo`, withStartCode(await Deno.readFile(ECHO)));
      const bytes = `$(printf '${
        Array.from({ length: 128 }, (_, at) => `\\${(at + 128).toString(8)}`).join("")
      }')`;
      const script = `exec '${folder}/echo' plain '' "${bytes}" last`;
      const { stdout } = await new Deno.Command("/bin/sh", { args: ["-c", script] }).output();
      const characters = Array.from({ length: 128 }, (_, at) => String.fromCharCode(at + 128));
      const text = new TextDecoder("utf-8", { fatal: true }).decode(stdout);
      assert.equal(text, `plain  \ufdd0${characters.join("")} last\n`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "withStartCode() makes an error of a clock before 1970, and leaves a program its clock",
  ignore: !isHere || requireCompiler().ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      writeProgram(`${folder}/date`, withStartCode(await Deno.readFile(DATE)));
      await compileC("library", ["clock.c"], `${folder}/clock.so`);
      const year = async (env: Record<string, string>) => {
        const command = new Deno.Command(`${folder}/date`, { args: ["+%Y"], env });
        const { code, stdout, stderr } = await command.output();
        const decoder = new TextDecoder();
        return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
      };
      const early = { LD_PRELOAD: `${folder}/clock.so` };
      assert.match((await year({})).stdout, /^20\d\d\n$/);
      assert.deepEqual(await year({ ...early, SECONDS: "5" }), {
        code: 0,
        stdout: "1970\n",
        stderr: "",
      });
      assert.deepEqual(await year({ ...early, SECONDS: "-1" }), {
        code: 1,
        stdout: "",
        stderr: "error: Cannot go on: this machine's clock is before 1970\n" +
          "hint: Set the clock right\n",
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("withStartCode() leaves files of other platforms as they are", () => {
  const machO = new Uint8Array(4096);
  machO.set([0xcf, 0xfa, 0xed, 0xfe]);
  const arm = new Uint8Array(4096);
  arm.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  arm[18] = 0xb7;
  for (const file of [machO, arm, new Uint8Array(3)]) assert.equal(withStartCode(file), file);
});

Deno.test("withStartCode() refuses a base in which it has no place", () => {
  const elf = new Uint8Array(4096);
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  elf[18] = 0x3e;
  assert.throws(() => withStartCode(elf), { message: "The runtime base has no note segment" });
});
