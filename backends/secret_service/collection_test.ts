import assert from "node:assert/strict";
import { collectionOfItem, decodePath, isCollectionOfName } from "./collection.ts";

Deno.test("decodePath() decodes gnome-keyring's escapes", () => {
  const cases = {
    "/org/freedesktop/secrets/collection/awsvault": "/org/freedesktop/secrets/collection/awsvault",
    "/collection/my_5fkeys": "/collection/my_keys",
    "/collection/Schl_c3_bcssel_20und_20mehr": "/collection/Schlüssel und mehr",
    "/collection/_61_62": "/collection/ab",
    // Not an escape, so the absolute path is meant as it stands.
    "/collection/my_keys": "/collection/my_keys",
    "/collection/ends_": "/collection/ends_",
    "/collection/ends_5": "/collection/ends_5",
    "/collection/a_5f_zz": "/collection/a_5f_zz",
  };
  for (const [path, decoded] of Object.entries(cases)) assert.equal(decodePath(path), decoded);
});

Deno.test("isCollectionOfName() compares whole names", () => {
  const path = "/org/freedesktop/secrets/collection/my_5fkeys";
  assert.equal(isCollectionOfName(path, "my_keys"), true);
  assert.equal(isCollectionOfName(path, "keys"), false);
  assert.equal(isCollectionOfName(collectionOfItem(`${path}/12`), "my_keys"), true);
});
