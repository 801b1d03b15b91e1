/** `scripts/install.sh` against a server of releases that are good, tampered with, or missing. */

import assert from "node:assert/strict";
import { renderInstallScript } from "../../scripts/release_packages.ts";
import { planRelease } from "../../scripts/release_plan.ts";
import { requireService, runs } from "../services.ts";
import { writeProgram } from "../services/write_program.ts";

const SCRIPT = new URL("../../scripts/install.sh", import.meta.url).pathname;
const TARGET = "x86_64-unknown-linux-gnu";
const ARCHIVE = `aws-vault-${TARGET}.tar.gz`;
const PLAN = planRelease({
  version: "8.1.0",
  repository: "owner/aws.vault",
  binaries: [{ target: TARGET, path: "dist/program" }],
  documents: [],
});
/** What the script may use besides the shell; which of the downloaders, a test says. */
const TOOLS = ["awk", "cat", "chmod", "cp", "cut", "mkdir", "mktemp", "mv", "rm", "rmdir", "sed"];
const ARCHIVERS = ["tar", "gzip"];

// Other systems are played by a `uname` of our own.
const linux = { ignore: Deno.build.os !== "linux" };
const dash = requireService(
  "dash",
  linux.ignore || runs("dash", "-c", ":"),
  "apt-get install dash",
);
const wget = requireService(
  "wget",
  linux.ignore || runs("wget", "--version"),
  "apt-get install wget",
);

/** A home, a server of releases, and a `PATH` with chosen programs only. */
class Scene implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync();
  readonly home = `${this.folder}/home`;
  readonly releases = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly redirects = new Map<string, string>();
  readonly asked: string[] = [];
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    this.asked.push(pathname);
    const to = this.redirects.get(pathname);
    if (to !== undefined) return new Response(null, { status: 302, headers: { location: to } });
    const body = this.releases.get(pathname);
    return body ? new Response(body) : new Response("Not Found", { status: 404 });
  });

  constructor() {
    for (const name of ["home", "bin", "tmp"]) Deno.mkdirSync(`${this.folder}/${name}`);
    this.program("uname", `case $1 in -s) echo Linux ;; -m) echo x86_64 ;; esac`);
    this.program("getconf", `echo glibc 2.36`);
    for (const tool of [...TOOLS, "sha256sum", ...ARCHIVERS]) this.link(tool);
  }

  /** Where the releases are. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/releases`;
  }

  program(name: string, script: string): void {
    writeProgram(`${this.folder}/bin/${name}`, `#!/bin/sh\n${script}\n`);
  }

  link(name: string): void {
    Deno.symlinkSync(`/usr/bin/${name}`, `${this.folder}/bin/${name}`);
  }

  remove(name: string): void {
    Deno.removeSync(`${this.folder}/bin/${name}`);
  }

  /** Publishes a release whose program prints its version. */
  async publish(version: string, path = "latest/download"): Promise<void> {
    const name = `aws-vault-${TARGET}`;
    const root = `${this.folder}/${name}`;
    await Deno.mkdir(`${root}/completions`, { recursive: true });
    writeProgram(`${root}/aws-vault`, `#!/bin/sh\necho ${version}\n`);
    for (const file of ["LICENSE", "aws-vault.1", "completions/aws-vault.fish"]) {
      await Deno.writeTextFile(`${root}/${file}`, `${file} of ${version}\n`);
    }
    const archive = `${this.folder}/${ARCHIVE}`;
    await new Deno.Command("tar", { args: ["-C", this.folder, "-czf", archive, name] }).output();
    const bytes = await Deno.readFile(archive);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    this.releases.set(`/releases/${path}/${ARCHIVE}`, bytes);
    this.releases.set(`/releases/${path}/SHA256SUMS`, encode(`${hash}  ${ARCHIVE}\n`));
  }

  /** A copy of the script as it is released. */
  async released(): Promise<string> {
    const path = `${this.folder}/install.sh`;
    const source = await Deno.readTextFile(SCRIPT);
    await Deno.writeTextFile(
      path,
      renderInstallScript(source, PLAN),
    );
    return path;
  }

  /** Runs the script, and says how it ended and what is below the home folder then. */
  async install(args: string[] = [], shell = "/bin/sh", script = SCRIPT) {
    const { code, stdout, stderr } = await new Deno.Command(shell, {
      args: [script, ...args],
      clearEnv: true,
      env: {
        PATH: `${this.folder}/bin`,
        HOME: this.home,
        TMPDIR: `${this.folder}/tmp`,
        AWS_VAULT_BASE_URL: this.url,
      },
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) =>
      new TextDecoder().decode(bytes).replaceAll(this.home, "~").replaceAll(this.url, "URL");
    return { code, stdout: text(stdout), stderr: text(stderr), files: this.files() };
  }

  /** The files below the home folder, with their modes; what was left in the temporary folder too. */
  files(): string[] {
    return [...walk(this.home), ...walk(`${this.folder}/tmp`)].toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await Deno.remove(this.folder, { recursive: true });
  }
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function* walk(folder: string, below = ""): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(`${folder}/${below}`)) {
    if (isDirectory) yield* walk(folder, `${below}${name}/`);
    else {
      const { mode } = Deno.statSync(`${folder}/${below}${name}`);
      yield `${below}${name} ${((mode ?? 0) & 0o777).toString(8)}`;
    }
  }
}

const INSTALLED = [
  "bin/aws-vault 755",
  "share/doc/aws-vault/LICENSE 644",
  "share/fish/vendor_completions.d/aws-vault.fish 644",
  "share/man/man1/aws-vault.1 644",
];

Deno.test("install.sh installs the latest release, and removes it again", linux, async () => {
  await using scene = new Scene();
  scene.link("curl");
  await scene.publish("8.1.0");
  assert.deepEqual(await scene.install(), {
    code: 0,
    stdout: "installed aws-vault 8.1.0 in ~/.local/bin\n",
    stderr: "hint: ~/.local/bin is not in PATH\n",
    files: INSTALLED.map((path) => `.local/${path}`),
  });
  await scene.publish("8.2.0");
  assert.equal((await scene.install()).stdout, "installed aws-vault 8.2.0 in ~/.local/bin\n");
  const removed = {
    code: 0,
    stdout: "removed aws-vault from ~/.local; what it stored in keystores is still there\n",
    stderr: "",
    files: [],
  };
  assert.deepEqual(await scene.install(["--uninstall"]), removed);
  assert.deepEqual(await scene.install(["--uninstall"]), {
    code: 1,
    stdout: "",
    stderr: "error: aws-vault is not in ~/.local/bin\nhint: say where with --prefix\n",
    files: [],
  });
});

Deno.test("install.sh installs a version to a prefix, with dash and wget", {
  ignore: linux.ignore || dash.ignore || wget.ignore,
}, async () => {
  await using scene = new Scene();
  scene.link("wget");
  await scene.publish("8.0.1", "download/v8.0.1");
  const args = ["--version", "v8.0.1", `--prefix=${scene.home}/it's here`];
  assert.deepEqual(await scene.install(args, "/usr/bin/dash"), {
    code: 0,
    stdout: "installed aws-vault 8.0.1 in ~/it's here/bin\n",
    stderr: "hint: ~/it's here/bin is not in PATH\n",
    files: INSTALLED.map((path) => `it's here/${path}`),
  });
});

Deno.test("install.sh unpacks nothing from an archive that was tampered with", linux, async () => {
  await using scene = new Scene();
  scene.link("curl");
  await scene.publish("8.1.0");
  scene.remove("tar");
  scene.program("tar", `echo unpacked >"$HOME/unpacked"`);
  const path = `/releases/latest/download/${ARCHIVE}`;
  const bytes = scene.releases.get(path) ?? new Uint8Array();
  scene.releases.set(path, new Uint8Array([...bytes, 0]));
  const { code, stdout, stderr, files } = await scene.install();
  assert.deepEqual({ code, stdout, files }, { code: 1, stdout: "", files: [] });
  assert.match(
    stderr,
    /^error: the checksum of aws-vault-x86_64-unknown-linux-gnu\.tar\.gz is wrong: [0-9a-f]{64}, not [0-9a-f]{64}\nhint: nothing was installed; the archive was changed on its way or at its source\n$/,
  );
});

for (const [downloader, service] of [["curl", linux], ["wget", wget]] as const) {
  Deno.test(`install.sh follows no redirect to plain HTTP, with ${downloader}`, {
    ignore: linux.ignore || service.ignore,
  }, async () => {
    await using scene = new Scene();
    scene.link(downloader);
    await scene.publish("8.1.0");
    await scene.publish("6.6.6", "exchanged");
    for (const name of ["SHA256SUMS", ARCHIVE]) {
      scene.redirects.set(`/releases/latest/download/${name}`, `${scene.url}/exchanged/${name}`);
    }
    const { code, stdout, stderr, files } = await scene.install();
    assert.deepEqual({ code, stdout, files }, { code: 1, stdout: "", files: [] });
    assert.match(stderr, /error: cannot download URL\/latest\/download\/SHA256SUMS\n/);
    assert.deepEqual(scene.asked, ["/releases/latest/download/SHA256SUMS"]);
  });
}

Deno.test("install.sh follows redirects to HTTPS, with wget", linux, async () => {
  await using scene = new Scene();
  await scene.publish("8.1.0");
  for (const [path, bytes] of scene.releases) {
    await Deno.writeFile(`${scene.folder}/${path.replace(/.*\//, "")}`, bytes);
  }
  // The options up to here are -q -S --max-redirect=0 -O.
  scene.program(
    "wget",
    `case $6 in
      http:*) echo "  Location: https://objects.example/\${6##*/}" >&2; exit 8 ;;
      https://objects.example/*) cp "${scene.folder}/\${6##*/}" "$5" ;;
    esac`,
  );
  assert.equal((await scene.install()).stdout, "installed aws-vault 8.1.0 in ~/.local/bin\n");
});

Deno.test("install.sh has cosign verify who signed the checksums", linux, async () => {
  await using scene = new Scene();
  scene.link("curl");
  const confirm = (ending: string) =>
    scene.program("cosign", `echo "$@" >>"${scene.folder}/cosign"; cat "$3"; ${ending}`);
  confirm("exit 0");
  await scene.publish("8.1.0");
  await scene.publish("8.0.1", "download/v8.0.1");
  const script = await scene.released();
  const install = (...args: string[]) => scene.install(args, "/bin/sh", script);

  const unsigned = await install();
  assert.deepEqual({ code: unsigned.code, files: unsigned.files }, { code: 1, files: [] });
  assert.match(
    unsigned.stderr,
    /error: cannot download URL\/latest\/download\/SHA256SUMS\.sigstore\.json/,
  );

  for (const path of ["latest/download", "download/v8.0.1"]) {
    scene.releases.set(`/releases/${path}/SHA256SUMS.sigstore.json`, encode("the bundle\n"));
  }
  assert.equal((await install()).stdout, "installed aws-vault 8.1.0 in ~/.local/bin\n");
  assert.equal((await install("--version=8.0.1")).code, 0);
  const calls = (await Deno.readTextFile(`${scene.folder}/cosign`))
    .replaceAll(/\S*\/tmp\/[^/]+\//g, "").split("\n");
  const call = (identity: string) =>
    `verify-blob --bundle SHA256SUMS.sigstore.json ${identity} ` +
    "--certificate-oidc-issuer https://token.actions.githubusercontent.com SHA256SUMS";
  const workflow = "https://github.com/owner/aws.vault/.github/workflows/release.yml@refs/tags/v";
  assert.deepEqual(calls, [
    call(`--certificate-identity-regexp ^${workflow.replaceAll(".", "\\.")}[0-9][^/]*$`),
    call(`--certificate-identity ${workflow}8.0.1`),
    "",
  ]);

  await scene.install(["--uninstall"]);
  confirm("echo 'no such signature' >&2; exit 1");
  assert.deepEqual(await install(), {
    code: 1,
    stdout: "",
    stderr:
      "the bundle\nno such signature\nerror: cosign does not confirm the signature of SHA256SUMS\n" +
      "hint: nothing was installed; cosign 2.4.2 or later is needed\n",
    files: [],
  });
  assert.deepEqual((await scene.install()).stderr.split("\n"), [
    "hint: the signature is not verified, since this copy does not know who signs",
    "hint: ~/.local/bin is not in PATH",
    "",
  ]);
});

Deno.test("install.sh says so when the archive or its checksum is missing", linux, async () => {
  await using scene = new Scene();
  scene.link("curl");
  const sums = "/releases/latest/download/SHA256SUMS";
  scene.releases.set(sums, encode(`${"0".repeat(64)}  aws-vault-other.tar.gz\n`));
  const missing = await scene.install();
  assert.deepEqual({ code: missing.code, files: missing.files }, { code: 1, files: [] });
  assert.match(missing.stderr, /error: cannot download URL\/latest\/download\/aws-vault-x86_64/);

  await scene.publish("8.1.0");
  scene.releases.set(sums, encode(`${"0".repeat(64)}  ${ARCHIVE}.asc\n`));
  assert.deepEqual(await scene.install(), {
    code: 1,
    stdout: "",
    stderr: `error: SHA256SUMS does not name ${ARCHIVE}\n`,
    files: [],
  });
});

Deno.test(
  "install.sh refuses musl, other processors and other systems by name",
  linux,
  async () => {
    await using scene = new Scene();
    scene.program("getconf", "exit 1");
    scene.program("ldd", `echo "musl libc (x86_64)" >&2; exit 1`);
    const refused = (stderr: string) => ({ code: 1, stdout: "", stderr, files: [] });
    assert.deepEqual(
      await scene.install(),
      refused(
        "error: there is no aws-vault for musl (Alpine and others)\n" +
          "hint: use a distribution with glibc, or the container image\n",
      ),
    );
    scene.program("uname", `case $1 in -s) echo Linux ;; -m) echo riscv64 ;; esac`);
    assert.deepEqual(
      await scene.install(),
      refused(
        `error: there is no aws-vault for the processor "riscv64"\n` +
          "hint: x86_64 and aarch64 are supported\n",
      ),
    );
    scene.program("uname", `case $1 in -s) echo MINGW64_NT-10.0 ;; -m) echo x86_64 ;; esac`);
    assert.deepEqual(
      await scene.install(),
      refused(
        `error: this script does not know the system "MINGW64_NT-10.0"\nhint: on Windows, use Scoop\n`,
      ),
    );
    assert.deepEqual(scene.asked, []);
  },
);

Deno.test("install.sh takes Apple's own archive under Rosetta", linux, async () => {
  await using scene = new Scene();
  scene.link("curl");
  scene.program("uname", `case $1 in -s) echo Darwin ;; -m) echo x86_64 ;; esac`);
  scene.program("sysctl", `[ "$*" = "-n hw.optional.arm64" ] && echo 1`);
  scene.releases.set("/releases/latest/download/SHA256SUMS", encode("\n"));
  assert.equal((await scene.install()).code, 1);
  assert.deepEqual([...new Set(scene.asked)], [
    "/releases/latest/download/SHA256SUMS",
    "/releases/latest/download/aws-vault-aarch64-apple-darwin.tar.gz",
  ]);
});

Deno.test(
  "install.sh refuses addresses without HTTPS, and options it does not know",
  linux,
  async () => {
    await using scene = new Scene();
    const refused = (stderr: string) => ({ code: 2, stdout: "", stderr, files: [] });
    assert.deepEqual(
      await scene.install(["--base-url", "http://127.0.0.1:80@releases.example/"]),
      refused(
        `error: "http://127.0.0.1:80@releases.example/" is not an https:// address\n`,
      ),
    );
    assert.deepEqual(
      await scene.install(["--base-url", "http://releases.example/"]),
      refused(`error: "http://releases.example/" is not an https:// address\n`),
    );
    assert.deepEqual(
      await scene.install(["--prefx=/x"]),
      refused(`error: cannot understand "--prefx=/x"\nhint: sh install.sh --help\n`),
    );
    assert.deepEqual(
      await scene.install(["--version"]),
      refused("error: --version needs a value\n"),
    );
  },
);
