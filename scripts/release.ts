/**
 * Makes the files of a release from binaries that are already compiled.
 *
 *     deno run -A scripts/release.ts --repository OWNER/NAME [--dry-run]
 *         [--binaries dist] [--output dist/release] [--without-packages]
 *
 * Nothing is published here: the workflow signs the files, attests them and uploads them.
 */

import config from "../deno.json" with { type: "json" };
import { TARGETS } from "./build_plan.ts";
import { releaseDocuments } from "./man_page.ts";
import { thirdPartyNotices } from "./notices.ts";
import { sha256 } from "./pinned_deno.ts";
import { type Entry, tarGz, zip } from "./release_archive.ts";
import {
  type Checksums,
  renderChecksums,
  renderFormula,
  renderInstallScript,
  renderNfpmConfig,
  renderScoopManifest,
} from "./release_packages.ts";
import {
  type Archive,
  type ArchiveFile,
  type Document,
  planRelease,
  type ReleasePlan,
} from "./release_plan.ts";
import { type LockFile, renderSbom } from "./release_sbom.ts";

/** What the command line requests. */
export interface ReleaseOptions {
  readonly repository: string;
  readonly binaries: string;
  readonly output: string;
  readonly dryRun: boolean;
  readonly withPackages: boolean;
}

/** Parses the command line. Throws an `Error` that describes what is wrong. */
export function parseOptions(args: readonly string[]): ReleaseOptions {
  const values = new Map<string, string>();
  const switches = new Set<string>();
  for (let at = 0; at < args.length; at++) {
    const flag = args[at] ?? "";
    if (["--dry-run", "--without-packages"].includes(flag)) switches.add(flag);
    else if (["--repository", "--binaries", "--output"].includes(flag)) {
      const value = args[++at];
      if (value === undefined) throw new Error(`${flag} needs a value`);
      values.set(flag, value);
    } else throw new Error(`Cannot understand "${flag}"`);
  }
  const repository = values.get("--repository");
  if (repository === undefined) throw new Error("Say the repository: --repository OWNER/NAME");
  return {
    repository,
    binaries: values.get("--binaries") ?? "dist",
    output: values.get("--output") ?? "dist/release",
    dryRun: switches.has("--dry-run"),
    withPackages: !switches.has("--without-packages"),
  };
}

/** Finds what can be released, and plans it; throws if a binary is missing. */
export async function gather(options: ReleaseOptions): Promise<ReleasePlan> {
  const binaries = TARGETS.map((target) => ({
    target,
    path: `${options.binaries}/${target}/aws-vault${target.includes("windows") ? ".exe" : ""}`,
  }));
  for (const { target, path } of binaries) await requireFile(path, target);
  const documents: Document[] = [
    { path: "LICENSE", text: await Deno.readTextFile("LICENSE") },
    { path: "README.md", text: await Deno.readTextFile("README.md") },
    { path: "THIRD-PARTY-NOTICES", text: await thirdPartyNotices(Deno.execPath(), Deno.cwd()) },
    ...[...releaseDocuments()].map(([path, text]) => ({ path, text })),
  ];
  const { version } = config;
  return planRelease({ version, repository: options.repository, binaries, documents });
}

async function requireFile(path: string, target: string): Promise<void> {
  const isThere = await Deno.stat(path).then(({ isFile }) => isFile, () => false);
  if (!isThere) throw new Error(`There is no binary for ${target}: "${path}" is missing`);
}

/** Makes every file of the plan in the output folder. */
export async function makeRelease(plan: ReleasePlan, options: ReleaseOptions): Promise<void> {
  const write = async (name: string, content: string | Uint8Array) => {
    const path = `${options.output}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(path, bytes(content));
    return await sha256(bytes(content));
  };
  const checksums: Record<string, string> = {};
  for (const archive of plan.archives) {
    checksums[archive.name] = await write(archive.name, await pack(archive));
  }
  if (options.withPackages) Object.assign(checksums, await makePackages(plan, options.output));
  const script = renderInstallScript(await Deno.readTextFile("scripts/install.sh"), plan);
  checksums["install.sh"] = await write("install.sh", script);
  const lock = JSON.parse(await Deno.readTextFile("deno.lock")) as LockFile;
  const program = { name: config.name, version: plan.version, license: config.license };
  const sbom = renderSbom(program, Deno.version.deno, lock);
  checksums["aws-vault.cdx.json"] = await write("aws-vault.cdx.json", sbom);
  await write("SHA256SUMS", renderChecksums(checksums));
  await writeManifests(plan, checksums, write);
}

async function writeManifests(
  plan: ReleasePlan,
  checksums: Checksums,
  write: (name: string, text: string) => Promise<unknown>,
): Promise<void> {
  await write("homebrew/aws-vault.rb", renderFormula(plan, checksums));
  await write("scoop/aws-vault.json", renderScoopManifest(plan, checksums));
}

async function pack({ format, files }: Archive): Promise<Uint8Array<ArrayBuffer>> {
  const entries: Entry[] = [];
  for (const { path, mode, from } of files) {
    entries.push({ path, mode, content: await contentOf(from) });
  }
  return format === "zip" ? await zip(entries) : await tarGz(entries);
}

async function contentOf(from: ArchiveFile["from"]): Promise<Uint8Array<ArrayBuffer>> {
  return typeof from === "string" ? await Deno.readFile(from) : bytes(from.text);
}

async function makePackages(plan: ReleasePlan, output: string): Promise<Checksums> {
  const checksums: Record<string, string> = {};
  const scratch = await Deno.makeTempDir();
  try {
    for (const one of plan.packages) {
      const archive = plan.archives.find(({ target }) => target === one.target);
      for (const { path, mode, from } of archive?.files ?? []) {
        const to = `${scratch}/${path}`;
        await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
        await Deno.writeFile(to, await contentOf(from), { mode });
      }
      const config = `${scratch}/${one.name}.yaml`;
      await Deno.writeTextFile(config, renderNfpmConfig(plan, one, scratch));
      const target = `${output}/${one.name}`;
      await runNfpm(["package", "-f", config, "-p", one.packager, "-t", target]);
      checksums[one.name] = await sha256(await Deno.readFile(target));
    }
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
  return checksums;
}

async function runNfpm(args: string[]): Promise<void> {
  try {
    // 2000-01-01, as in the archives, so that packages are also the same every time.
    const env = { SOURCE_DATE_EPOCH: "946684800" };
    const { success, stderr } = await new Deno.Command("nfpm", { args, env }).output();
    if (!success) throw new Error(`nfpm failed: ${new TextDecoder().decode(stderr)}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error("nfpm is not here: install it, or use --without-packages", { cause: error });
  }
}

function bytes(content: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
}

async function main(): Promise<number> {
  try {
    const options = parseOptions(Deno.args);
    const plan = await gather(options);
    if (options.dryRun) console.log(JSON.stringify(plan, shorten, 2));
    else await makeRelease(plan, options);
    return 0;
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

/** The plan contains whole texts, but a person only needs to see that they are present. */
function shorten(key: string, value: unknown): unknown {
  return key === "text" && typeof value === "string" ? `(${value.length} characters)` : value;
}

if (import.meta.main) Deno.exit(await main());
