import { printLines } from "../print.ts";
import type { CommandContext, GlobalFlags } from "./context.ts";

/** The flags of `version`. */
export type VersionFlags = GlobalFlags;

/** Makes `version`, which prints the given version. */
export function printVersion(version: string): (this: CommandContext, flags: VersionFlags) => void {
  return function (flags): void {
    printLines(this.open(flags).host.stdout, [version]);
  };
}
