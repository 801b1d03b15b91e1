import assert from "node:assert/strict";
import type { Host } from "../host.ts";
import type { Files } from "../files.ts";
import { stampOf } from "../system/file_parts.ts";
import { systemFiles } from "../system/files.ts";
import type { Section } from "./config_file.ts";
import { readConfig } from "./files.ts";

/** As the system's files, an hour later, and with a record of what was read. */
class LaterFiles {
  readonly read: string[] = [];
  readonly files: Files;

  constructor(folder: string) {
    const files = systemFiles();
    const note = (what: string, path: string) =>
      this.read.push(`${what} ${path.slice(folder.length)}`);
    this.files = {
      ...files,
      stamp: (path, least) => stampOf(path, least, Date.now() + 3_600_000),
      readText: (path) => (note("all of", path), files.readText(path)),
      readParts: (path, stamp, places) => {
        note(`${places.length} of`, path);
        return files.readParts(path, stamp, places);
      },
    };
  }
}

const FILLER = Array.from(
  { length: 8000 },
  (_, at) => `[profile filler-${at}]\nregion = us-east-1\n`,
);
const WORK = "[profile work]\nregion = eu-west-1\nrole_arn = a\n  # note\n\n  b\n# after\n";
const SSO = "[sso-session corp]\nsso_region = us-east-2\n";

function fileOf(...sections: string[]): string {
  return [...FILLER.slice(0, 4000), ...sections, ...FILLER.slice(4000)].join("");
}

interface Scene {
  readonly path: string;
  /** What one call reads: the files, and what it found. */
  call(...names: string[]): { read: string[]; found: Record<string, unknown> };
}

function inScene(test: (scene: Scene) => void): () => void {
  return () => {
    const folder = Deno.makeTempDirSync({ prefix: "large-config-" });
    const env = {
      get: (name: string) => name === "AWS_CONFIG_FILE" ? `${folder}/config` : undefined,
    };
    const platform = { home: folder, os: "linux" };
    try {
      test({
        path: `${folder}/config`,
        call(...names) {
          const { read, files } = new LaterFiles(folder);
          const config = readConfig({ env, platform, files } as unknown as Host);
          const found = names.map((name) => [name, render(config.profile(name))]);
          config.remember?.();
          return { read, found: Object.fromEntries(found) };
        },
      });
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  };
}

function render(section: Section | undefined): Record<string, unknown> | undefined {
  return section &&
    Object.fromEntries([...section.settings].map(([key, { value }]) => [key, value]));
}

const MEMORY = "all of /.awsvault/state/config-places.json";
const ignore = Deno.build.os === "windows";

Deno.test({
  name: "readConfig() reads only the sections of a large file whose places it remembers",
  ignore,
  fn: inScene(({ path, call }) => {
    Deno.writeTextFileSync(
      path,
      fileOf(WORK, SSO, "[default]\noutput = json\n") + "[profile last]\nregion = x",
    );
    const found = {
      work: { region: "eu-west-1", role_arn: "a\n\nb" },
      default: { output: "json" },
      none: undefined,
      last: { region: "x" },
    };
    assert.deepEqual(call("work", "default", "none", "last"), { read: ["all of /config"], found });
    assert.deepEqual(call("work", "default", "none", "last"), {
      read: [MEMORY, "1 of /config", "1 of /config", "1 of /config"],
      found,
    });
    assert.deepEqual(call("filler-7"), {
      read: [MEMORY, "all of /config", MEMORY],
      found: { "filler-7": { region: "us-east-1" } },
    });
    assert.deepEqual(call("filler-7", "work").read, [MEMORY, "1 of /config", "1 of /config"]);
  }),
});

Deno.test({
  name: "readConfig() reads a large file again after every change of it",
  ignore,
  fn: inScene(({ path, call }) => {
    const replace = (text: string) => {
      Deno.writeTextFileSync(`${path}.new`, text);
      Deno.renameSync(`${path}.new`, path);
    };
    replace(fileOf(WORK));
    assert.deepEqual(call("work", "late").found.late, undefined);
    replace(fileOf("# moved\n", WORK.replace("eu-west-1", "eu-west-2"), "[profile late]\n"));
    assert.deepEqual(call("work", "late").found, {
      work: { region: "eu-west-2", role_arn: "a\n\nb" },
      late: {},
    });
    const [before, after] = ["eu-west-2", "eu-west-3"];
    replace(Deno.readTextFileSync(path).replace(before, after));
    assert.equal(
      call("work", "late").read[1],
      "all of /config",
      "as long as before, in a new file",
    );
  }),
});

Deno.test({
  name: "readConfig() reads two sections of one name as one, and names lines of the whole file",
  ignore,
  fn: inScene(({ path, call }) => {
    Deno.writeTextFileSync(path, fileOf(WORK, SSO, "[profile work]\nregion = later\n"));
    const work = { region: "later", role_arn: "a\n\nb" };
    assert.deepEqual([call("work").found, call("work")], [
      { work },
      { read: [MEMORY, "2 of /config"], found: { work } },
    ]);
    const { files } = new LaterFiles("");
    const env = { get: () => path };
    const config = readConfig(
      { env, files, platform: { home: path.slice(0, -7) } } as unknown as Host,
    );
    const section = config.profile("work")!;
    assert.equal(
      section.settings.get("region")!.bad("odd").message,
      `Cannot read ${path}:8011: odd`,
    );
    assert.equal(section.bad("odd").message, `Cannot read ${path}:8001: odd`);
  }),
});

Deno.test({
  name: "readConfig() remembers nothing of a file with characters of several bytes",
  ignore,
  fn: inScene(({ path, call }) => {
    Deno.writeTextFileSync(path, fileOf("# ä\n", WORK));
    for (const _ of [1, 2]) assert.deepEqual(call("work").read, ["all of /config"]);
  }),
});

Deno.test({
  name: "readConfig() takes no place that holds another section, or that is none",
  ignore,
  fn: inScene(({ path, call }) => {
    Deno.writeTextFileSync(path, fileOf(WORK));
    const { found } = call("work");
    const memory = `${path.slice(0, -7)}/.awsvault/state/config-places.json`;
    const written = Deno.readTextFileSync(memory);
    const [place] = /\[\d+,\d+\]/.exec(written)!;
    for (
      const planted of ["[0,40]", "[7,40]", "[1e300,1]", "[0,99999999]", "[-1,5]", '["a",1]', "7"]
    ) {
      Deno.writeTextFileSync(memory, written.replace(place, planted));
      assert.deepEqual(call("work").found, found, planted);
    }
  }),
});
