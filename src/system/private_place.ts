/**
 * Checks whether a folder or file is this user's alone.
 *
 * The state folder holds what the program trusts without a signature: locks, what to do after a crash,
 * which cache to read. Anyone who could write there, or put a link or folder in its place, would
 * choose what is locked and restored, and where. Inside a folder that passes, only the user (and root)
 * can swap anything, so its files may be examined first and opened afterwards.
 */

import { wordToType } from "../text.ts";
import { FileRefusal, isMissing } from "./file_failure.ts";
import { requireTrustedWay } from "./folder_links.ts";

const WRITABLE_BY_OTHERS = 0o022;

const OTHER_PLACE = "or set AWS_VAULT_STATE_DIR to a folder of your own";

/** `private`: this user's alone. Otherwise why not, and what to do, as the end of a sentence. */
export type Privacy = "missing" | "private" | { readonly reason: string };

/** Whether a path holds this kind, not a link, owned by this user and not writable by others. */
export function privacyOf(path: string, kind: "folder" | "file", me = Deno.uid()): Privacy {
  const found = look(path);
  if (found === undefined) return "missing";
  const reason = whyNotOfKind(found, kind) ?? whyNotOwn(found, me) ?? whyWritable(found, path) ??
    whyLedThere(path, kind, me);
  return reason === undefined ? "private" : { reason };
}

function whyNotOfKind(found: Deno.FileInfo, kind: "folder" | "file"): string | undefined {
  if (kind === "folder" ? found.isDirectory : found.isFile) return undefined;
  const what = found.isSymlink ? "a symbolic link" : `not a plain ${kind}`;
  return `it is ${what}; remove it, ${OTHER_PLACE}`;
}

function whyNotOwn({ uid }: Deno.FileInfo, me: number | null): string | undefined {
  if (uid === null || me === null || uid === me) return undefined;
  return `it belongs to another user (uid ${uid}); run this as that user, ${OTHER_PLACE}`;
}

function whyWritable({ mode }: Deno.FileInfo, path: string): string | undefined {
  if (Deno.build.os === "windows" || mode === null || (mode & WRITABLE_BY_OTHERS) === 0) {
    return undefined;
  }
  const octal = (mode & 0o7777).toString(8).padStart(4, "0");
  return `others may write to it (mode ${octal}); run: chmod go-w ${wordToType(path)}`;
}

/** The folder may be root's own and private, but chosen by another user's link. */
function whyLedThere(path: string, kind: string, me: number | null): string | undefined {
  if (kind !== "folder") return undefined;
  try {
    requireTrustedWay(path, me);
  } catch (error) {
    if (error instanceof FileRefusal) return `${error.message}, ${OTHER_PLACE}`;
    throw error;
  }
  return undefined;
}

function look(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
