import manifest from "../../deno.json" with { type: "json" };
import { printLines } from "../print.ts";
import type { CommandContext, GlobalFlags } from "./context.ts";

/** The version of this program, from `deno.json`. */
export const VERSION: string = manifest.version;

/** The flags of `version`. */
export type VersionFlags = GlobalFlags;

/** `version`: prints it with a `v`, as aws-vault 7 does. */
export function printVersion(this: CommandContext, flags: VersionFlags): void {
  printLines(this.open(flags).host.stdout, [`v${VERSION}`]);
}
