/** A person's yes, remembered for a while (docs/formats.md, "Remembered yes"). */

import { hasCode } from "../errors.ts";
import type { Host } from "../host.ts";
import { stateFolder } from "../state_folder.ts";

type Deps = Pick<Host, "clock" | "env" | "files" | "platform">;

/** Older answers are removed, whatever they are for; in hours. */
const KEPT_HOURS = 24 * 31;

/** The subject of a yes: requests that differ in anything shown have separate answers. */
export interface YesFor {
  readonly program: string;
  readonly profile: string;
  readonly of: string;
  readonly policies: readonly string[];
}

/** Whether a person said yes to the same within so many seconds; a time in the future does not count. */
export async function isRemembered(deps: Deps, what: YesFor, seconds: number): Promise<boolean> {
  const path = await pathOf(deps, what);
  if (path === undefined || seconds === 0) return false;
  const age = ageSeconds(deps, path);
  return age !== undefined && age >= 0 && age < seconds;
}

/** Remembers a yes of this moment; if it cannot be written, the person is asked again. */
export async function remember(deps: Deps, what: YesFor): Promise<void> {
  const path = await pathOf(deps, what);
  if (path === undefined) return;
  const { files } = deps;
  const folder = path.slice(0, path.lastIndexOf("/"));
  try {
    files.makeFolder(folder);
    for (const name of files.list(folder)) {
      const age = ageSeconds(deps, `${folder}/${name}`);
      if (age === undefined || age > KEPT_HOURS * 3600) files.remove(`${folder}/${name}`);
    }
    files.writeWhole(path, `${deps.clock.now().toString()}\n`, { mode: 0o600, followLinks: false });
  } catch (error) {
    if (!hasCode(error, "file-failed", "unsafe-file")) throw error;
  }
}

function ageSeconds({ clock, files }: Deps, path: string): number | undefined {
  try {
    const text = files.readText(path);
    return text && clock.now().since(Temporal.Instant.from(text.trim())).total("seconds") ||
      undefined;
  } catch {
    return undefined;
  }
}

async function pathOf(deps: Deps, { program, profile, of, policies }: YesFor) {
  const folder = stateFolder(deps);
  if (folder === undefined) return undefined;
  const text = JSON.stringify(["yes 1", program, profile, of, policies]);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `${folder}/confirmed/${new Uint8Array(hash).toHex()}`;
}
