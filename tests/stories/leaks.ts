/** A search for secrets where none may be. */

/** A place where a secret was found, such as `standard error` or a file. */
export interface Leak {
  readonly where: string;
  /** What of: `a key or token`, `the passphrase`. */
  readonly secret: string;
}

/** The texts as which a secret would still be one: itself, in base64 at each offset, in a URL. */
export function disguises(secret: string): string[] {
  const aligned = [0, 1, 2].map((offset) => {
    const base64 = btoa("\0".repeat(offset) + secret);
    // The first and last characters also depend on what stands before and after.
    return base64.slice(offset === 0 ? 0 : 4, -4);
  });
  return [secret, encodeURIComponent(secret), ...aligned].filter((text) => text.length >= 8);
}

/** Whether a secret is in bytes or text, in plain form or disguised. */
export function holds(content: string | Uint8Array, secret: string): boolean {
  return searchFor([secret])(content);
}

/** A search of bytes or text for any of the secrets; for much of either, where {@linkcode holds} is slow. */
export function searchFor(secrets: readonly string[]): (content: string | Uint8Array) => boolean {
  const texts = secrets.flatMap(disguises);
  return (content) => {
    const text = typeof content === "string" ? content : new TextDecoder("latin1").decode(content);
    return texts.some((disguise) => text.includes(disguise));
  };
}

/** Every file below a folder, without symbolic links. */
export function* filesBelow(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* filesBelow(path);
    else if (entry.isFile) yield path;
  }
}

/** The leaks into the files below a folder, except for some paths. */
export function leaksBelow(
  folder: string,
  secrets: ReadonlyMap<string, string>,
  except: ReadonlySet<string>,
): Leak[] {
  const leaks: Leak[] = [];
  for (const path of filesBelow(folder)) {
    if (except.has(path)) continue;
    const content = readIfThere(path);
    for (const [secret, name] of secrets) {
      if (holds(content, secret)) leaks.push({ where: path, secret: name });
    }
  }
  return leaks;
}

/** A file can go away between being listed and being read, as a database's journal does. */
function readIfThere(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Uint8Array();
    throw error;
  }
}
