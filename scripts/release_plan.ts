/** The contents of a release: planned here as one value, made by `scripts/release.ts`. */

import type { Target } from "./build_plan.ts";

/** What is available to release. */
export interface ReleaseInput {
  /** Without `v`. */
  readonly version: string;
  /** `owner/name` on GitHub. */
  readonly repository: string;
  /** The compiled binaries, signed if they need a signature. */
  readonly binaries: readonly { target: Target; path: string }[];
  /**
   * Manual page, completions, licences: the files beside the binary, with their paths in the
   * archive.
   */
  readonly documents: readonly Document[];
}

/** A text that comes with the program. */
export interface Document {
  /** For example `completions/aws-vault.fish`. */
  readonly path: string;
  readonly text: string;
}

/** A file of an archive: copied from disk, or with its text given here. */
export interface ArchiveFile {
  readonly path: string;
  readonly mode: number;
  readonly from: string | { readonly text: string };
}

/** An archive of one target. */
export interface Archive {
  readonly name: string;
  readonly target: Target;
  readonly format: "tar.gz" | "zip";
  readonly files: readonly ArchiveFile[];
}

/** A package for a Linux distribution, made by nfpm. */
export interface LinuxPackage {
  readonly name: string;
  readonly packager: "deb" | "rpm";
  readonly target: Target;
  /** The processor, by nfpm's name. */
  readonly arch: "amd64" | "arm64";
}

/** Everything that belongs to a release. */
export interface ReleasePlan {
  readonly version: string;
  readonly tag: string;
  readonly repository: string;
  /** A version with a suffix, such as `8.0.0-rc.1`. */
  readonly prerelease: boolean;
  /** The URL from which the archives can be downloaded. */
  readonly downloads: string;
  readonly archives: readonly Archive[];
  readonly packages: readonly LinuxPackage[];
  /** Files that are made from the archives' checksums, last, in this order. */
  readonly generated: readonly string[];
}

const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
const REPOSITORY = /^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/;

/** The plan of a release. Throws an `Error` if the input does not allow one. */
export function planRelease(input: ReleaseInput): ReleasePlan {
  const { version, repository, binaries } = input;
  if (!VERSION.test(version)) throw new Error(`"${version}" is not a version`);
  if (!REPOSITORY.test(repository)) throw new Error(`"${repository}" is not owner/name`);
  if (binaries.length === 0) throw new Error("There is no binary to release");
  const tag = `v${version}`;
  return {
    version,
    tag,
    repository,
    prerelease: version.includes("-"),
    downloads: `https://github.com/${repository}/releases/download/${tag}`,
    archives: binaries.map((binary) => planArchive(binary, input.documents)),
    packages: binaries.flatMap(({ target }) => planPackages(target, version)),
    generated: [
      "install.sh",
      "aws-vault.cdx.json",
      "SHA256SUMS",
      "homebrew/aws-vault.rb",
      "scoop/aws-vault.json",
    ],
  };
}

function planArchive(
  binary: { target: Target; path: string },
  documents: readonly Document[],
): Archive {
  const format = binary.target.includes("windows") ? "zip" : "tar.gz";
  const folder = `aws-vault-${binary.target}`;
  const program = format === "zip" ? "aws-vault.exe" : "aws-vault";
  const files: ArchiveFile[] = [
    { path: `${folder}/${program}`, mode: 0o755, from: binary.path },
    ...documents.map(({ path, text }) => ({
      path: `${folder}/${path}`,
      mode: 0o644,
      from: { text },
    })),
  ];
  return { name: `${folder}.${format}`, target: binary.target, format, files };
}

function planPackages(target: Target, version: string): LinuxPackage[] {
  if (!target.endsWith("-linux-gnu")) return [];
  const [arch, rpmArch] = target.startsWith("x86_64")
    ? ["amd64", "x86_64"] as const
    : ["arm64", "aarch64"] as const;
  // In the package, a pre-release is 8.0.0~rc.1, which sorts before 8.0.0; GitHub changes a `~` in a
  // file's name.
  return [
    { name: `aws-vault_${version}_${arch}.deb`, packager: "deb", target, arch },
    { name: `aws-vault-${version}-1.${rpmArch}.rpm`, packager: "rpm", target, arch },
  ];
}
