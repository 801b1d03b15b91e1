/**
 * Stands for `aws-vault` in the tests of this folder: does one thing with the real system, and ends
 * with the exit code that the program would end with.
 */

import { VaultError } from "../../src/errors.ts";
import { execChild } from "../../src/exec/child.ts";
import { obtainMfaCode } from "../../src/credentials/mfa.ts";
import { systemPrograms } from "../../src/system/programs.ts";
import { systemTerminal } from "../../src/system/terminal.ts";

type Action =
  | ["exec" | "attend", string, ...string[]]
  | ["ask", string, { hidden?: boolean; timeoutMs?: number }?]
  | ["mfa", object];

const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));

async function act([what, ...rest]: Action): Promise<number> {
  const programs = systemPrograms();
  const terminal = systemTerminal();
  switch (what) {
    case "exec":
    case "attend": {
      const [command, ...args] = rest as string[];
      const env = { ...Deno.env.toObject(), PARENT: String(Deno.pid) };
      return await execChild({ programs }, {
        command: command!,
        args,
        env,
        attended: what === "attend",
      });
    }
    case "ask": {
      const [question, options] = rest as [string, object?];
      say(`GOT ${(await terminal.ask(question, options)).reveal()}\n`);
      return 0;
    }
    case "mfa": {
      const env = { get: (name: string) => Deno.env.get(name), all: () => Deno.env.toObject() };
      const os = Deno.build.os as "linux";
      const platform = {
        os,
        pid: Deno.pid,
        home: undefined,
        executable: Deno.execPath(),
        user: "1000",
      };
      const [request] = rest as [Parameters<typeof obtainMfaCode>[1]];
      const { code } = await obtainMfaCode({ env, platform, programs, terminal }, request);
      say(`GOT ${code.reveal()}\n`);
      return 0;
    }
  }
}

const start = performance.now();
try {
  Deno.exit(await act(JSON.parse(Deno.args[0]!)));
} catch (error) {
  if (!(error instanceof VaultError)) throw error;
  const speed = performance.now() - start < 1000 ? "quickly" : "slowly";
  console.error(`${speed}: ${error.message}`);
  Deno.exit(error.exitCode);
}
