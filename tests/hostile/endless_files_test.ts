/** Attacks by what is not a plain file, or has no end, in place of a file that is read. */

import assert from "node:assert/strict";
import { Home, NOT_ON_WINDOWS } from "../home.ts";

/** Puts something into the place of a file. */
const PLANTED: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  "a pipe": (path) => new Deno.Command("mkfifo", { args: [path] }).output(),
  "a device": (path) => Deno.symlink("/dev/zero", path),
  "a socket": (path) => Promise.resolve(Deno.listen({ transport: "unix", path })),
  "a folder": (path) => Deno.mkdir(path),
  "600 MB": (path) => Deno.create(path).then((file) => file.truncateSync(600e6)),
};

/** What is attacked, and how the next `export` ends: as an error, or without the cache. */
const PLACES: Readonly<Record<string, { readonly path: string; readonly code: number }>> = {
  "the config file": { path: ".aws/config", code: 1 },
  "a key": { path: ".awsvault/keys/work", code: 1 },
  "the data key": { path: ".awsvault/keys/oidc:aws-vault-data-key", code: 0 },
  "the database": { path: ".awsvault/state/sessions.db", code: 0 },
  "the database's journal": { path: ".awsvault/state/sessions.db-journal", code: 0 },
  "the last choice": { path: ".awsvault/state/backend.json", code: 0 },
};

for (const [place, { path, code }] of Object.entries(PLACES)) {
  Deno.test({
    name: `what is not a plain file in the place of ${place} keeps no call waiting`,
    ...NOT_ON_WINDOWS,
    sanitizeResources: false,
    async fn() {
      await using home = await Home.open();
      home.write(".aws/config", "[profile work]\n");
      await home.as("work").succeed("add", "--env", "work");
      await home.succeed("export", "work");
      const full = `${home.path}/${path}`;
      for (const [what, plant] of Object.entries(PLANTED)) {
        await Deno.rename(full, `${full}.away`).catch(() => {});
        await plant(full);
        const { code: ended, stderr } = await home.start(["export", "work"]).finished;
        // A key of 600 MB is there, and its session is cached.
        const isThere = place === "a key" && what === "600 MB";
        assert.equal(ended, isThere ? 0 : code, `${what}: ${stderr}`);
        assert.doesNotMatch(stderr, /bug in aws-vault|no credentials are stored/, what);
        await Deno.remove(full, { recursive: true }).catch(() => {});
        await Deno.rename(`${full}.away`, full).catch(() => {});
      }
    },
  });
}

Deno.test({
  name: "what is not a file in a key's place is named by every command, and stays",
  ...NOT_ON_WINDOWS,
  sanitizeResources: false,
  async fn() {
    await using home = await Home.open();
    home.write(".aws/config", "[profile work]\n");
    await home.as("work").succeed("add", "--env", "other");
    const path = `${home.path}/.awsvault/keys/work`;
    for (const [what, plant] of Object.entries(PLANTED)) {
      if (what === "600 MB") continue;
      await plant(path);
      const kind = what === "a folder" ? what : "a pipe, a socket or a device";
      const expected = `error: Cannot use the item "~/.awsvault/keys/work": it is ${kind}\n` +
        "hint: aws-vault does not create such a thing: move it away\n";
      for (
        const args of [["exec", "work", "--", "true"], ["rotate", "work"], [
          "remove",
          "--force",
          "work",
        ], ["add", "--env", "--force", "work"]]
      ) {
        const { code, stderr } = await home.as("work").start(args).finished;
        assert.deepEqual(
          [code, stderr.replaceAll(home.path, "~")],
          [1, expected],
          `${what}: ${args[0]}`,
        );
      }
      assert.equal((await home.succeed("list", "--credentials")).stdout, "other\n");
      await Deno.remove(path);
    }
  },
});

/** What the runtime would leave out with a line of its own, in colours. */
const DAMAGED: typeof PLANTED = Object.fromEntries(
  [["cut", "MIIB\n-----END CERTIFICATE-----"], ["not Base64", "*\n-----END CERTIFICATE-----"]].map(
    ([what, text]) => [
      `a certificate that is ${what}`,
      (path: string) => Deno.writeTextFile(path, `-----BEGIN CERTIFICATE-----\n${text}\n`),
    ],
  ).concat([[
    "a certificate without an end",
    (path: string) => Deno.writeTextFile(path, "-----BEGIN CERTIFICATE-----\nMIIB\n"),
  ]]),
);

Deno.test({
  name: "certificates of the system without an end keep no call waiting",
  ...NOT_ON_WINDOWS,
  sanitizeResources: false,
  async fn() {
    await using home = await Home.open();
    const { host } = new URL(home.aws.url);
    await home.as("work").succeed("add", "--env", "work");
    const path = `${home.path}/certificates.pem`;
    const said: Record<string, string> = {};
    for (const [what, plant] of Object.entries({ ...PLANTED, ...DAMAGED })) {
      await plant(path);
      home.env["SSL_CERT_FILE"] = path;
      const { code, stderr } = await home.start(["export", "--no-cache", "work"]).finished;
      said[what] = `${code} ${stderr.split("\n")[0]!.replace(home.path, "~")}`;
      await Deno.remove(path);
    }
    const problem =
      `error: Cannot trust ${host} for GetSessionToken: SSL_CERT_FILE names "~/certificates.pem": `;
    assert.deepEqual(said, {
      "a pipe": `1 ${problem}it is a pipe, not a plain file`,
      "a device": `1 ${problem}it is a device, not a plain file`,
      "a socket": `1 ${problem}it is a socket, not a plain file`,
      "a folder": `1 ${problem}it is a folder`,
      "600 MB": `1 ${problem}it has more than 16 MiB`,
      "a certificate that is cut": `1 ${problem}a certificate in it is damaged`,
      "a certificate that is not Base64": `1 ${problem}a certificate in it is damaged`,
      "a certificate without an end": `1 ${problem}a certificate in it is damaged`,
    });
  },
});

Deno.test({
  name: "a file of the kernel, which may block, keeps no call waiting",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using home = await Home.open();
    await home.as("work").succeed("add", "--env", "work");
    const reason = "it is a file of the kernel, not a plain file";
    const places = {
      "the certificates": { lines: "ca_bundle = /proc/kmsg", link: undefined },
      "the config file": { lines: "", link: ".aws/config" },
      "a key": { lines: "", link: ".awsvault/keys/work" },
    };
    for (const [what, { lines, link }] of Object.entries(places)) {
      home.write(".aws/config", `[profile work]\n${lines}\n`);
      if (link !== undefined) {
        await Deno.remove(`${home.path}/${link}`);
        await Deno.symlink("/proc/kmsg", `${home.path}/${link}`);
      }
      const { code, stderr } = await home.start(["export", "work"]).finished;
      if (link !== undefined) await Deno.remove(`${home.path}/${link}`);
      assert.deepEqual([code, stderr.includes(reason)], [1, true], `${what}: ${stderr}`);
    }
  },
});
