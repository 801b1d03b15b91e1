/** The bill of materials: CycloneDX 1.6, from `deno.lock` and the runtime's version. */

/** The part of a lock file (version 5) that names npm packages. */
export interface LockFile {
  readonly version: string;
  readonly specifiers?: Readonly<Record<string, string>>;
  readonly npm?: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  /** `sha512-` and base64, as in npm. */
  readonly integrity?: string;
  /** Names, with a version if there are several versions. */
  readonly dependencies?: readonly string[];
}

/** Packages that only tests import: no binary contains them. */
const OF_TESTS = /^dotenv@/;

/** The bill as JSON text; the same lock file always gives the same text. */
export function renderSbom(
  program: { name: string; version: string; license: string },
  denoVersion: string,
  lock: LockFile,
): string {
  const keys = Object.keys(lock.npm ?? {}).filter((key) => !OF_TESTS.test(key)).toSorted();
  const root = `pkg:github/denoland/deno@v${denoVersion}`;
  const self = `${program.name}@${program.version}`;
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        "bom-ref": self,
        type: "application",
        name: program.name,
        version: program.version,
        licenses: [{ license: { id: program.license } }],
      },
    },
    components: [
      {
        "bom-ref": root,
        type: "framework",
        name: "deno",
        version: denoVersion,
        purl: root,
        licenses: [{ license: { id: "MIT" } }],
      },
      ...keys.map((key) => component(key, lock.npm?.[key] ?? {})),
    ],
    dependencies: [
      { ref: self, dependsOn: [root, ...directDependencies(lock, keys)] },
      ...keys.map((key) => ({
        ref: purl(key),
        dependsOn: (lock.npm?.[key]?.dependencies ?? []).map((name) => purl(resolve(name, keys))),
      })),
    ],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function component(key: string, { integrity }: LockedPackage) {
  const { name, version } = split(key);
  const base64 = integrity?.replace(/^sha512-/, "");
  const hash = base64 === undefined ? undefined : Uint8Array.fromBase64(base64).toHex();
  return {
    "bom-ref": purl(key),
    type: "library",
    name,
    version,
    purl: purl(key),
    ...(hash === undefined ? {} : { hashes: [{ alg: "SHA-512", content: hash }] }),
  };
}

function directDependencies(lock: LockFile, keys: readonly string[]): string[] {
  return Object.entries(lock.specifiers ?? {})
    .filter(([specifier]) => specifier.startsWith("npm:"))
    .map(([specifier, version]) => `${split(specifier.slice("npm:".length)).name}@${version}`)
    .filter((dependency) => !OF_TESTS.test(dependency))
    .map((dependency) => purl(resolve(dependency, keys))).toSorted();
}

/**
 * The package in the lock file that a dependency refers to: by name and version, or by name if only
 * one exists.
 */
function resolve(dependency: string, keys: readonly string[]): string {
  const found = keys.find((key) => {
    const { name, version } = split(key);
    return [key, name, `${name}@${version}`].includes(dependency);
  });
  if (found === undefined) throw new Error(`The lock file does not hold "${dependency}"`);
  return found;
}

/** A lock key without the peers that npm adds (`a@1.0.0_b@2.0.0`). */
function split(key: string): { name: string; version: string } {
  const at = key.indexOf("@", 1);
  return at < 0
    ? { name: key, version: "" }
    : { name: key.slice(0, at), version: key.slice(at + 1).replace(/_.*/, "") };
}

/** A package URL (purl-spec): the `@` of a scope is percent-encoded. */
function purl(key: string): string {
  const { name, version } = split(key);
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}
