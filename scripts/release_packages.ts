/**
 * The files that describe a release to package managers: pure text from a plan and its checksums.
 */

import type { LinuxPackage, ReleasePlan } from "./release_plan.ts";

/** SHA-256 of a released file, in hexadecimal, by its name. */
export type Checksums = Readonly<Record<string, string>>;

const SUMMARY = "Keeps AWS keys in the keystore and hands out short-lived credentials";

/** `SHA256SUMS`, as `sha256sum --check` reads it, sorted by name. */
export function renderChecksums(checksums: Checksums): string {
  return Object.entries(checksums).toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([name, sum]) => `${sum}  ${name}\n`).join("");
}

function checksumOf(checksums: Checksums, name: string): string {
  const sum = checksums[name];
  if (sum === undefined) throw new Error(`There is no checksum of "${name}"`);
  return sum;
}

/** The Homebrew formula, for macOS and Linux. */
export function renderFormula(plan: ReleasePlan, checksums: Checksums): string {
  const source = (target: string) => {
    const name = `aws-vault-${target}.tar.gz`;
    return `      url "${plan.downloads}/${name}"\n      sha256 "${checksumOf(checksums, name)}"`;
  };
  return `class AwsVault < Formula
  desc "${SUMMARY}"
  homepage "https://github.com/${plan.repository}"
  version "${plan.version}"
  license "MIT"

  on_macos do
    on_arm do
${source("aarch64-apple-darwin")}
    end
    on_intel do
${source("x86_64-apple-darwin")}
    end
  end

  on_linux do
    on_arm do
${source("aarch64-unknown-linux-gnu")}
    end
    on_intel do
${source("x86_64-unknown-linux-gnu")}
    end
  end

  def install
    bin.install "aws-vault"
    man1.install "aws-vault.1" if File.exist?("aws-vault.1")
    bash_completion.install "completions/aws-vault.bash" => "aws-vault"
    zsh_completion.install "completions/aws-vault.zsh" => "_aws-vault"
    fish_completion.install "completions/aws-vault.fish"
  end

  test do
    assert_equal "v#{version}", shell_output("#{bin}/aws-vault --version").strip
  end
end
`;
}

/** The Scoop manifest, for Windows. */
export function renderScoopManifest(plan: ReleasePlan, checksums: Checksums): string {
  const build = (target: string) => {
    const name = `aws-vault-${target}.zip`;
    return {
      url: `${plan.downloads}/${name}`,
      hash: checksumOf(checksums, name),
      extract_dir: `aws-vault-${target}`,
    };
  };
  const latest = (target: string) => ({
    url:
      `https://github.com/${plan.repository}/releases/download/v$version/aws-vault-${target}.zip`,
  });
  const homepage = `https://github.com/${plan.repository}`;
  return `${
    JSON.stringify(
      {
        version: plan.version,
        description: SUMMARY,
        homepage,
        license: "MIT",
        architecture: {
          "64bit": build("x86_64-pc-windows-msvc"),
          arm64: build("aarch64-pc-windows-msvc"),
        },
        bin: "aws-vault.exe",
        checkver: { github: homepage },
        autoupdate: {
          architecture: {
            "64bit": latest("x86_64-pc-windows-msvc"),
            arm64: latest("aarch64-pc-windows-msvc"),
          },
          hash: { url: "$baseurl/SHA256SUMS" },
        },
      },
      null,
      2,
    )
  }\n`;
}

/** Where the files of an archive go on a Linux system. */
const INSTALLED_PATHS: Readonly<Record<string, string>> = {
  "aws-vault": "/usr/bin/aws-vault",
  "aws-vault.1": "/usr/share/man/man1/aws-vault.1",
  "completions/aws-vault.bash": "/usr/share/bash-completion/completions/aws-vault",
  "completions/aws-vault.zsh": "/usr/share/zsh/vendor-completions/_aws-vault",
  "completions/aws-vault.fish": "/usr/share/fish/vendor_completions.d/aws-vault.fish",
  "LICENSE": "/usr/share/doc/aws-vault/copyright",
  "THIRD-PARTY-NOTICES": "/usr/share/doc/aws-vault/THIRD-PARTY-NOTICES",
};

/** Paths that differ on RPM distributions from those on Debian. */
const RPM_PATHS: Readonly<Record<string, string>> = {
  "completions/aws-vault.zsh": "/usr/share/zsh/site-functions/_aws-vault",
  "LICENSE": "/usr/share/licenses/aws-vault/LICENSE",
};

/** The configuration of nfpm for one package; `folder` is the archive's content, unpacked. */
export function renderNfpmConfig(plan: ReleasePlan, one: LinuxPackage, folder: string): string {
  const archive = plan.archives.find(({ target }) => target === one.target);
  const contents = (archive?.files ?? []).flatMap(({ path, mode }) => {
    const name = path.slice(path.indexOf("/") + 1);
    const dst = (one.packager === "rpm" ? RPM_PATHS[name] : undefined) ?? INSTALLED_PATHS[name];
    return dst ? [{ src: `${folder}/${path}`, dst, file_info: { mode } }] : [];
  });
  // JSON is valid YAML, and can be written without a library.
  return `${
    JSON.stringify(
      {
        name: "aws-vault",
        arch: one.arch,
        platform: "linux",
        version: plan.version,
        section: "utils",
        maintainer: `The authors of ${plan.repository} <noreply@github.com>`,
        description: SUMMARY,
        homepage: `https://github.com/${plan.repository}`,
        license: "MIT",
        contents,
        // The keystores are reached through GLib, if it is installed.
        overrides: {
          deb: { depends: ["libc6"], recommends: ["libglib2.0-0"] },
          rpm: { depends: ["glibc"], recommends: ["glib2"] },
        },
      },
      null,
      2,
    )
  }\n`;
}

/** `install.sh` as it is released, with the place of its releases filled in. */
export function renderInstallScript(source: string, plan: ReleasePlan): string {
  const line = "default_base_url=''\n";
  if (!source.includes(line)) throw new Error("install.sh has no place for its address");
  return source.replace(
    line,
    `default_base_url='https://github.com/${plan.repository}/releases'\n`,
  );
}
