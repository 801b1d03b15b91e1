/** The plan of a release, and the files that are made from it. */

import assert from "node:assert/strict";
import { gather, makeRelease, parseOptions } from "../../scripts/release.ts";
import { tarGz, zip } from "../../scripts/release_archive.ts";
import {
  renderChecksums,
  renderFormula,
  renderInstallScript,
  renderNfpmConfig,
  renderScoopManifest,
} from "../../scripts/release_packages.ts";
import { planRelease } from "../../scripts/release_plan.ts";
import { renderSbom } from "../../scripts/release_sbom.ts";
import { TARGETS } from "../../scripts/build_plan.ts";
import { requireService, runs } from "../services.ts";

const python = requireService("Python", runs("python3", "--version"), "apt-get install python3");

const documents = [
  { path: "LICENSE", text: "MIT" },
  { path: "completions/aws-vault.fish", text: "complete" },
];
const everything = planRelease({
  version: "8.1.0",
  repository: "owner/aws-vault",
  binaries: TARGETS.map((target) => ({ target, path: `dist/${target}/program` })),
  documents,
});
const checksums = Object.fromEntries(
  everything.archives.map(({ name }, at) => [name, String(at).repeat(64)]),
);

Deno.test("planRelease() decides everything that a release makes", () => {
  const plan = planRelease({
    version: "8.0.0-rc.1",
    repository: "owner/aws-vault",
    binaries: [
      { target: "aarch64-unknown-linux-gnu", path: "dist/linux" },
      { target: "x86_64-pc-windows-msvc", path: "dist/windows.exe" },
    ],
    documents,
  });
  const beside = (folder: string) => [
    { path: `${folder}/LICENSE`, mode: 0o644, from: { text: "MIT" } },
    { path: `${folder}/completions/aws-vault.fish`, mode: 0o644, from: { text: "complete" } },
  ];
  assert.deepEqual(plan, {
    version: "8.0.0-rc.1",
    tag: "v8.0.0-rc.1",
    repository: "owner/aws-vault",
    prerelease: true,
    downloads: "https://github.com/owner/aws-vault/releases/download/v8.0.0-rc.1",
    archives: [
      {
        name: "aws-vault-aarch64-unknown-linux-gnu.tar.gz",
        target: "aarch64-unknown-linux-gnu",
        format: "tar.gz",
        files: [
          {
            path: "aws-vault-aarch64-unknown-linux-gnu/aws-vault",
            mode: 0o755,
            from: "dist/linux",
          },
          ...beside("aws-vault-aarch64-unknown-linux-gnu"),
        ],
      },
      {
        name: "aws-vault-x86_64-pc-windows-msvc.zip",
        target: "x86_64-pc-windows-msvc",
        format: "zip",
        files: [
          {
            path: "aws-vault-x86_64-pc-windows-msvc/aws-vault.exe",
            mode: 0o755,
            from: "dist/windows.exe",
          },
          ...beside("aws-vault-x86_64-pc-windows-msvc"),
        ],
      },
    ],
    packages: [
      {
        name: "aws-vault_8.0.0-rc.1_arm64.deb",
        packager: "deb",
        target: "aarch64-unknown-linux-gnu",
        arch: "arm64",
      },
      {
        name: "aws-vault-8.0.0-rc.1-1.aarch64.rpm",
        packager: "rpm",
        target: "aarch64-unknown-linux-gnu",
        arch: "arm64",
      },
    ],
    generated: [
      "install.sh",
      "aws-vault.cdx.json",
      "SHA256SUMS",
      "homebrew/aws-vault.rb",
      "scoop/aws-vault.json",
    ],
  });
});

Deno.test("planRelease() and parseOptions() refuse what makes no release", () => {
  const input = { version: "8.0.0", repository: "o/n", binaries: [], documents: [] };
  assert.throws(() => planRelease(input), /There is no binary/);
  assert.throws(() => planRelease({ ...input, version: "8.0" }), /"8.0" is not a version/);
  assert.throws(() => planRelease({ ...input, repository: "n" }), /"n" is not owner\/name/);
  assert.throws(() => parseOptions([]), /Say the repository/);
  assert.throws(() => parseOptions(["--publish"]), /Cannot understand "--publish"/);
  assert.deepEqual(parseOptions(["--repository", "o/n", "--dry-run"]), {
    repository: "o/n",
    binaries: "dist",
    output: "dist/release",
    dryRun: true,
    withPackages: true,
  });
});

Deno.test("renderChecksums() is what sha256sum --check reads", () => {
  assert.equal(renderChecksums({ b: "22", a: "11" }), "11  a\n22  b\n");
});

Deno.test("renderFormula() names the archive of every platform with its checksum", () => {
  const formula = renderFormula(everything, checksums);
  const found = [...formula.matchAll(/url "(.*)"\n\s+sha256 "(.).*"/g)]
    .map(([, url, sum]) => [url?.replace(everything.downloads, ""), sum]);
  assert.deepEqual(found, [
    ["/aws-vault-aarch64-apple-darwin.tar.gz", "3"],
    ["/aws-vault-x86_64-apple-darwin.tar.gz", "2"],
    ["/aws-vault-aarch64-unknown-linux-gnu.tar.gz", "1"],
    ["/aws-vault-x86_64-unknown-linux-gnu.tar.gz", "0"],
  ]);
  assert.throws(() => renderFormula(everything, {}), /There is no checksum of/);
});

Deno.test("renderScoopManifest() names both Windows archives", () => {
  const manifest = JSON.parse(renderScoopManifest(everything, checksums));
  assert.deepEqual(manifest.architecture, {
    "64bit": {
      url: `${everything.downloads}/aws-vault-x86_64-pc-windows-msvc.zip`,
      hash: "4".repeat(64),
      extract_dir: "aws-vault-x86_64-pc-windows-msvc",
    },
    arm64: {
      url: `${everything.downloads}/aws-vault-aarch64-pc-windows-msvc.zip`,
      hash: "5".repeat(64),
      extract_dir: "aws-vault-aarch64-pc-windows-msvc",
    },
  });
});

Deno.test("renderNfpmConfig() puts the archive's files where Linux keeps them", () => {
  const [deb] = everything.packages;
  const { contents, arch, version } = JSON.parse(renderNfpmConfig(everything, deb!, "/scratch"));
  assert.deepEqual({ arch, version, contents }, {
    arch: "amd64",
    version: "8.1.0",
    contents: [
      {
        src: "/scratch/aws-vault-x86_64-unknown-linux-gnu/aws-vault",
        dst: "/usr/bin/aws-vault",
        file_info: { mode: 0o755 },
      },
      {
        src: "/scratch/aws-vault-x86_64-unknown-linux-gnu/LICENSE",
        dst: "/usr/share/doc/aws-vault/copyright",
        file_info: { mode: 0o644 },
      },
      {
        src: "/scratch/aws-vault-x86_64-unknown-linux-gnu/completions/aws-vault.fish",
        dst: "/usr/share/fish/vendor_completions.d/aws-vault.fish",
        file_info: { mode: 0o644 },
      },
    ],
  });
});

Deno.test("renderNfpmConfig() knows where distributions with RPM keep things", () => {
  const rpm = everything.packages.find(({ packager }) => packager === "rpm");
  const { contents } = JSON.parse(renderNfpmConfig(everything, rpm!, "/scratch"));
  assert.deepEqual(contents.map(({ dst }: { dst: string }) => dst), [
    "/usr/bin/aws-vault",
    "/usr/share/licenses/aws-vault/LICENSE",
    "/usr/share/fish/vendor_completions.d/aws-vault.fish",
  ]);
});

Deno.test("renderInstallScript() shows the script where its releases are", async () => {
  const source = await Deno.readTextFile(new URL("../../scripts/install.sh", import.meta.url));
  const released = renderInstallScript(source, everything);
  assert.equal(
    released.replace("'https://github.com/owner/aws-vault/releases'", "''"),
    source,
  );
  assert.throws(() => renderInstallScript("echo", everything), /no place for its address/);
});

Deno.test("renderSbom() lists the runtime and every locked package, with what each needs", () => {
  const program = { name: "aws-vault", version: "8.1.0", license: "MIT" };
  const bill = renderSbom(program, "2.9.6", {
    version: "5",
    specifiers: { "npm:@scope/parser@2": "2.0.1" },
    npm: {
      "number@1.0.0": { integrity: "sha512-AQID" },
      "@scope/parser@2.0.1_number@1.0.0": { integrity: "sha512-/w==", dependencies: ["number"] },
    },
  });
  const parser = "pkg:npm/%40scope/parser@2.0.1";
  const deno = "pkg:github/denoland/deno@v2.9.6";
  const mit = [{ license: { id: "MIT" } }];
  const library = (ref: string, name: string, version: string, content: string) => ({
    "bom-ref": ref,
    type: "library",
    name,
    version,
    purl: ref,
    hashes: [{ alg: "SHA-512", content }],
  });
  assert.deepEqual(JSON.parse(bill), {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        "bom-ref": "aws-vault@8.1.0",
        type: "application",
        name: "aws-vault",
        version: "8.1.0",
        licenses: mit,
      },
    },
    components: [
      {
        "bom-ref": deno,
        type: "framework",
        name: "deno",
        version: "2.9.6",
        purl: deno,
        licenses: mit,
      },
      library(parser, "@scope/parser", "2.0.1", "ff"),
      library("pkg:npm/number@1.0.0", "number", "1.0.0", "010203"),
    ],
    dependencies: [
      { ref: "aws-vault@8.1.0", dependsOn: [deno, parser] },
      { ref: parser, dependsOn: ["pkg:npm/number@1.0.0"] },
      { ref: "pkg:npm/number@1.0.0", dependsOn: [] },
    ],
  });
});

Deno.test("gather() and makeRelease() make every file, and SHA256SUMS names those that count", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const options = {
      repository: "owner/aws-vault",
      binaries: `${folder}/dist`,
      output: `${folder}/release`,
      dryRun: false,
      withPackages: false,
    };
    const missing = /There is no binary for x86_64-unknown-linux-gnu: ".*" is missing/;
    await assert.rejects(gather(options), missing);
    for (const target of TARGETS) {
      const suffix = target.includes("windows") ? ".exe" : "";
      await Deno.mkdir(`${folder}/dist/${target}`, { recursive: true });
      await Deno.writeTextFile(`${folder}/dist/${target}/aws-vault${suffix}`, target);
    }
    const plan = await gather(options);
    const beside = plan.archives[0]?.files.map(({ path }) => path.replace(/^[^/]*\//, ""));
    assert.deepEqual(beside, [
      "aws-vault",
      "LICENSE",
      "README.md",
      "THIRD-PARTY-NOTICES",
      "aws-vault.1",
      "completions/aws-vault.bash",
      "completions/aws-vault.zsh",
      "completions/aws-vault.fish",
      "completions/aws-vault.ps1",
    ]);
    await makeRelease(plan, options);
    const sums = (await Deno.readTextFile(`${options.output}/SHA256SUMS`)).trim().split("\n");
    const found = await Promise.all(sums.map(async (line) => {
      const [sum, name] = line.split("  ");
      const bytes = await Deno.readFile(`${options.output}/${name}`);
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
      return [name, hash === sum];
    }));
    const names = [...plan.archives.map(({ name }) => name), "install.sh", "aws-vault.cdx.json"];
    assert.deepEqual(found, names.toSorted().map((name) => [name, true]));
    for (const name of plan.generated) {
      assert((await Deno.stat(`${options.output}/${name}`)).isFile);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** What Python's own library finds in an archive: path, mode, size and time of each file. */
const LISTING = `
import io, json, sys, tarfile, time, zipfile
data = io.BytesIO(sys.stdin.buffer.read())
if sys.argv[1] == "zip":
    with zipfile.ZipFile(data) as z:
        assert z.testzip() is None
        rows = [[i.filename, i.external_attr >> 16 & 0o777, z.read(i).decode(), i.date_time[0]] for i in z.infolist()]
else:
    with tarfile.open(fileobj=data) as t:
        rows = [[i.name, i.mode, t.extractfile(i).read().decode(), time.gmtime(i.mtime).tm_year] for i in t]
print(json.dumps(rows))
`;

async function listing(format: string, archive: Uint8Array<ArrayBuffer>): Promise<unknown> {
  const child = new Deno.Command("python3", {
    args: ["-c", LISTING, format],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  await new Blob([archive]).stream().pipeTo(child.stdin);
  return JSON.parse(new TextDecoder().decode((await child.output()).stdout));
}

Deno.test("tarGz() and zip() are read by others, and are the same every time", python, async () => {
  const content = (text: string) => new TextEncoder().encode(text);
  const entries = [
    { path: "folder/aws-vault", mode: 0o755, content: content("x".repeat(1500)) },
    { path: "folder/empty", mode: 0o644, content: content("") },
  ];
  const seen = [
    ["folder/aws-vault", 0o755, "x".repeat(1500), 2000],
    ["folder/empty", 0o644, "", 2000],
  ];
  const packed = await tarGz(entries);
  assert.deepEqual(await listing("tar", packed), seen);
  assert.deepEqual(await tarGz(entries), packed);
  const zipped = await zip(entries);
  assert.deepEqual(await listing("zip", zipped), seen);
  assert.deepEqual(await zip(entries), zipped);
});
