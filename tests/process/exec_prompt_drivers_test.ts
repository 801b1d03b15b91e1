import assert from "node:assert/strict";
import { PROMPT_DRIVERS } from "../../src/prompt/driver_names.ts";
import { writeProgram } from "../services/write_program.ts";
import { denoDir } from "./deno_dir.ts";
import { NEEDS_TERMINAL, parentProcess } from "./terminal_driver.ts";

const MFA = { serial: "arn:aws:iam::123456789012:mfa/me", profile: "work", mayPrompt: true };

Deno.test("obtainMfaCode() asks by programs that stand in PATH", NEEDS_TERMINAL, async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const driver of ["zenity", "kdialog", "ykman", "pass", "osascript"]) {
      assert((PROMPT_DRIVERS as readonly string[]).includes(driver));
      const script = `#!/bin/sh\necho "$0" "$@" >"${folder}/called"\n` +
        'test -z "$AWS_VAULT_FILE_PASSPHRASE" && echo 123456\n';
      writeProgram(`${folder}/${driver}`, script, 0o700);
      const words = parentProcess("mfa", { ...MFA, driver });
      const { code, stdout, stderr } = await new Deno.Command(words[0]!, {
        args: words.slice(1),
        clearEnv: true,
        env: {
          ...denoDir(),
          PATH: `${folder}:${Deno.env.get("PATH")}`,
          AWS_VAULT_FILE_PASSPHRASE: "own secret",
        },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      assert.deepEqual([code, decoder.decode(stdout), decoder.decode(stderr)], [
        0,
        "GOT 123456\n",
        "",
      ]);
      const called = await Deno.readTextFile(`${folder}/called`);
      assert(called.startsWith(`${folder}/${driver} `) && called.includes(MFA.serial), called);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
