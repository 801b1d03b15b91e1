/**
 * Makes the files that a release contains beside the program, from the program's own table of
 * commands.
 *
 *     deno run -A scripts/man_page.ts                       prints aws-vault.1
 *     deno run -A scripts/man_page.ts --documents FOLDER    writes aws-vault.1 and completions/ there
 */

import { BACKENDS } from "../backends/mod.ts";
import { renderScript } from "../src/cli/completion_scripts.ts";
import type { Shell } from "../src/cli/completion_shells.ts";
import { describeProgram } from "../src/cli/manual_program.ts";
import { ownFiles, ownVariables } from "../src/cli/manual_environment.ts";
import { renderManualPage } from "../src/cli/manual_page.ts";
import { VERSION } from "../src/commands/version.ts";

const EXTENSIONS: Readonly<Record<Shell, string>> = {
  bash: "bash",
  zsh: "zsh",
  fish: "fish",
  pwsh: "ps1",
};

/** The manual page of this version. */
export function manualPage(): string {
  const own = { variables: ownVariables(BACKENDS), files: ownFiles(BACKENDS) };
  return renderManualPage({ ...describeProgram(BACKENDS), version: VERSION, ...own });
}

/** The files that are released with the program, by their paths in an archive. */
export function releaseDocuments(): Map<string, string> {
  const shells = Object.entries(EXTENSIONS) as [Shell, string][];
  return new Map([
    ["aws-vault.1", manualPage()],
    ...shells.map(([shell, extension]) =>
      [`completions/aws-vault.${extension}`, renderScript(shell)] as const
    ),
  ]);
}

function main([flag, folder]: readonly string[]): number {
  if (flag === undefined) console.log(manualPage().trimEnd());
  else if (flag === "--documents" && folder !== undefined) {
    Deno.mkdirSync(`${folder}/completions`, { recursive: true });
    for (const [path, text] of releaseDocuments()) {
      Deno.writeTextFileSync(`${folder}/${path}`, text);
    }
  } else {
    console.error(`error: Use --documents FOLDER, or nothing`);
    return 2;
  }
  return 0;
}

if (import.meta.main) Deno.exit(main(Deno.args));
