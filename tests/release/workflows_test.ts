/** The workflows: what they run is named by its content, and rights are where nothing else runs. */

import assert from "node:assert/strict";
import { requireService, runs } from "../services.ts";

const FOLDER = new URL("../../.github/workflows/", import.meta.url);
const NAMES = ["ci.yml", "release.yml"];
const texts = await Promise.all(NAMES.map((name) => Deno.readTextFile(new URL(name, FOLDER))));
const yaml = requireService(
  "PyYAML",
  runs("python3", "-c", "import yaml"),
  "apt-get install python3-yaml",
);

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Record<string, unknown>;
}

interface Job {
  readonly permissions?: Record<string, string>;
  readonly environment?: string;
  readonly if?: string;
  readonly steps: Step[];
}

interface Workflow {
  readonly permissions: Record<string, string>;
  readonly jobs: Record<string, Job>;
}

/** A workflow as a parser that is not ours reads it. */
function parse(text: string | undefined): Workflow {
  const script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.argv[1])))";
  const { stdout } = new Deno.Command("python3", { args: ["-c", script, text ?? ""] }).outputSync();
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("each action is a commit, with its version as a comment, and the same everywhere", () => {
  const all = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).toSorted();
  assert.deepEqual(all, NAMES);
  const uses = texts.join("").match(/^.*\buses:.*$/gm) ?? [];
  assert(uses.length > 20);
  const pinned = /^ +(?:- )?uses: ([\w-]+\/[\w-]+)@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
  assert.deepEqual(uses.filter((line) => !pinned.test(line)), []);
  const distinct = new Set(uses.map((line) => line.replace(/^ +(?:- )?/, "")));
  const actions = [...distinct].map((line) => line.slice(0, line.indexOf("@")));
  assert.deepEqual(actions.toSorted(), [...new Set(actions)].toSorted());
});

Deno.test("Deno comes by .ci/install-deno, which compares it, and by nothing else", () => {
  for (const text of texts) {
    assert.doesNotMatch(text, /npm (install|i|ci|exec)\b|\bnpx\b|setup-deno/);
    assert.match(text, /run: \.ci\/install-deno "\$DENO_VERSION" "\$RUNNER_TEMP\/deno"\n/);
  }
});

Deno.test(
  "only the job that publishes has rights, and it runs cosign, the attestation and gh",
  yaml,
  () => {
    const [ci, release] = texts.map(parse);
    assert(ci && release);
    assert.deepEqual([ci.permissions, release.permissions], [
      { contents: "read" },
      { contents: "read" },
    ]);
    const jobs = Object.entries({ ...ci.jobs, ...release.jobs });
    assert.deepEqual(
      jobs.filter(([, { permissions }]) => permissions).map(([name, { permissions }]) => ({
        name,
        permissions,
      })),
      [{
        name: "publish",
        permissions: { contents: "write", "id-token": "write", attestations: "write" },
      }],
    );
    const steps = (release.jobs["publish"]?.steps ?? []).map(({ uses, run }) =>
      uses?.replace(/@.*/, "") ?? run?.trimEnd().split("\n")
    );
    assert.deepEqual(steps, [
      "actions/download-artifact",
      "sigstore/cosign-installer",
      ["cosign sign-blob --yes --new-bundle-format --bundle SHA256SUMS.sigstore.json SHA256SUMS"],
      "actions/attest-build-provenance",
      [
        "prerelease=",
        "case $GITHUB_REF_NAME in *-*) prerelease=--prerelease ;; esac",
        'find . -type f -print0 | xargs -0 gh release create "$GITHUB_REF_NAME" \\',
        '  --repo "$GITHUB_REPOSITORY" --draft $prerelease --verify-tag --generate-notes',
      ],
    ]);
    const checkouts = jobs.flatMap(([, { steps }]) => steps)
      .filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    assert.deepEqual(checkouts.filter((step) => step.with?.["persist-credentials"] !== false), []);
  },
);

Deno.test(
  "Apple's secrets and publishing are in protected environments, for tags only",
  yaml,
  () => {
    const { jobs } = parse(texts[1]);
    const guarded = Object.entries(jobs).filter(([, { environment }]) => environment);
    assert.deepEqual(
      guarded.map(([name, job]) => ({ name, environment: job.environment, if: job.if })),
      [
        {
          name: "sign-macos",
          environment: "apple-signing",
          if: "startsWith(github.ref, 'refs/tags/')",
        },
        { name: "publish", environment: "release", if: "startsWith(github.ref, 'refs/tags/')" },
      ],
    );
    const { ["sign-macos"]: _, ...others } = jobs;
    assert.doesNotMatch(JSON.stringify(others) + texts[0], /secrets\./);
  },
);
