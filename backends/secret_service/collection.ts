/** Which collection of the Secret Service a name means, and which items are in it. */

import type { SecretServiceClient } from "./client.ts";
import { SERVICE_PATH } from "./provider.ts";

/**
 * The collection of a name: by its path, as aws-vault 7 looks it up, else by its alias or its
 * label, as services other than gnome-keyring have it (docs/formats.md, "Secret Service").
 */
export async function findCollection(
  client: SecretServiceClient,
  name: string,
): Promise<string | undefined> {
  const collections = await client.collections();
  const byPath = collections.find((path) => isCollectionOfName(path, name));
  if (byPath !== undefined) return byPath;
  const byAlias = await client.collectionOfAlias(name);
  if (byAlias !== undefined) return byAlias;
  for (const path of collections) {
    if (await client.label(path) === name) return path;
  }
  return undefined;
}

/** Whether a collection's path matches the name, with escapes decoded. */
export function isCollectionOfName(path: string, name: string): boolean {
  return decodePath(path) === `${SERVICE_PATH}/collection/${name}`;
}

/** The path of the collection that an item is in. */
export function collectionOfItem(item: string): string {
  return item.slice(0, item.lastIndexOf("/"));
}

/**
 * Decodes the `_xx` of an object path, which gnome-keyring writes for UTF-8 bytes that a path must
 * not contain. A path with an underscore that is not such an escape is returned unchanged.
 */
export function decodePath(path: string): string {
  const parts = path.split("_");
  if (parts.slice(1).some((part) => !/^[0-9a-f]{2}/i.test(part))) return path;
  const encoder = new TextEncoder();
  const bytes = parts.flatMap((part, i) =>
    i === 0
      ? [...encoder.encode(part)]
      : [parseInt(part.slice(0, 2), 16), ...encoder.encode(part.slice(2))]
  );
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
