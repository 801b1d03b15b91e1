import assert from "node:assert/strict";
import { unzip } from "./unzip.ts";

/** Made by Python's zipfile: a README and `denort`, which is the word `base`; deflated. */
const DEFLATED =
  "UEsDBBQAAAAIAAAAISiDFtyMAwAAAAEAAAAGAAAAUkVBRE1FqwAAUEsDBBQAAAAIAAAAIShh/rTABgAAAAQAAAAGAAAAZGVub3J0S0osTgUAUEsBAhQDFAAAAAgAAAAhKIMW3IwDAAAAAQAAAAYAAAAAAAAAAAAAAIABAAAAAFJFQURNRVBLAQIUAxQAAAAIAAAAIShh/rTABgAAAAQAAAAGAAAAAAAAAAAAAACAAScAAABkZW5vcnRQSwUGAAAAAAIAAgBoAAAAUQAAAAAA";
/** The same with `denort.exe` alone, stored. */
const STORED =
  "UEsDBBQAAAAAAAAAIShh/rTABAAAAAQAAAAKAAAAZGVub3J0LmV4ZWJhc2VQSwECFAMUAAAAAAAAACEoYf60wAQAAAAEAAAACgAAAAAAAAAAAAAAgAEAAAAAZGVub3J0LmV4ZVBLBQYAAAAAAQABADgAAAAsAAAAAAA=";

const bytes = (base64: string) => Uint8Array.fromBase64(base64);
const text = async (archive: string, name: string) =>
  new TextDecoder().decode(await unzip(bytes(archive), name));

Deno.test("unzip() gives the file of the name, deflated or stored", async () => {
  assert.deepEqual(
    [
      await text(DEFLATED, "denort"),
      await text(DEFLATED, "README"),
      await text(STORED, "denort.exe"),
    ],
    ["base", "x", "base"],
  );
});

Deno.test("unzip() refuses what is not there, not a zip, or cut", async () => {
  await assert.rejects(text(STORED, "denort"), {
    message: 'Cannot unpack "denort": the archive has no file of that name',
  });
  for (const archive of ["", "UEsDBA==", DEFLATED.slice(0, 40)]) {
    await assert.rejects(text(archive, "denort"), {
      message: "Cannot unpack: it is not a zip archive",
    });
  }
});
