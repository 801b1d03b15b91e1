/** The programs of a story's own folder of `PATH`, and the variables by which a system's programs run. */

import { existsSync } from "node:fs";
import { launcher, programWords } from "../process/launch.ts";
import { denoDir } from "../process/deno_dir.ts";

const WINDOWS = Deno.build.os === "windows";

/** Names and texts of the programs: `aws-vault`, and on Windows what POSIX systems have besides. */
export function stagePrograms(): [name: string, text: string][] {
  if (!WINDOWS) return [["aws-vault", launcher()]];
  if (folderOfBinary() !== undefined) return standIns();
  const words = programWords().map((word) => `"${word}"`).join(" ");
  const lines = [`@set "DENO_DIR=${denoDir().DENO_DIR}"`, `@${words} %*`];
  return [["aws-vault.cmd", lines.join("\r\n")], ...standIns()];
}

/** What POSIX systems have and Windows does not, as batch files. */
export function standIns(): [name: string, text: string][] {
  return [["true.cmd", "@exit /b 0"], ["false.cmd", "@exit /b 1"]];
}

/** A batch file would read the arguments once more than the program does. */
function folderOfBinary(): string | undefined {
  return /^(.*)[\\/]aws-vault\.exe$/i.exec(Deno.env.get("AWS_VAULT_BIN") ?? "")?.[1];
}

/** Without these no program of Windows starts another one. */
const OF_WINDOWS = ["SystemRoot", "SystemDrive", "PATHEXT", "COMSPEC", "TEMP", "TMP"];

/** The variables of every command of a story that come from the system. */
export function systemVariables(bin: string): Record<string, string> {
  const path = Deno.env.get("PATH") ?? "";
  if (!WINDOWS) return { PATH: `${bin}:${path}`, SHELL: "/bin/sh" };
  const kept = OF_WINDOWS.map((name) => [name, Deno.env.get(name)] as const)
    .filter((entry): entry is [string, string] => entry[1] !== undefined);
  // A window, which PowerShell shows, would wait for the person who runs the tests.
  const usual = path.split(";").filter((folder) => !existsSync(`${folder}\\powershell.exe`));
  const folders = [bin, folderOfBinary(), ...usual].filter((folder) => folder !== undefined);
  const PATH = folders.join(";").replaceAll("/", "\\");
  return { ...Object.fromEntries(kept), PATH };
}
