/** Prints a grant: pure text for shells, containers and scripts. */

import { VaultError } from "../errors.ts";
import type { GrantAnswer, GrantSummary } from "../server/control.ts";
import { quoteForShell } from "../text.ts";
import { renderTable } from "./table.ts";

/** The values of `grant --format`. */
export type GrantFormat = "env" | "export-env" | "docker-env" | "json";

/** A format: the lines for a grant, and for its profile's region. */
type Render = (grant: GrantAnswer, region: string | undefined) => string[];

/** The formats by their names, in the order of the help. */
const FORMATS: Readonly<Record<GrantFormat, Render>> = {
  env: (grant) => variables(grant).map(([name, value]) => `${name}=${value}`),
  "export-env": (grant) =>
    variables(grant).map(([name, value]) => `export ${name}=${quoteForShell(value)}`),
  // A container has no config file with the region, and must not ask the machine's metadata service.
  "docker-env": (grant, region) =>
    [
      ...variables(grant),
      ["AWS_EC2_METADATA_DISABLED", "true"] as const,
      ...region === undefined ? [] : [
        ["AWS_REGION", oneLine(region)] as const,
        ["AWS_DEFAULT_REGION", region] as const,
      ],
    ].map(([name, value]) => `${name}=${value}`),
  json: (grant) => [JSON.stringify(grant, null, 2)],
};

/** The lines of a grant in a format. */
export function renderGrant(
  format: GrantFormat,
  grant: GrantAnswer,
  region?: string | undefined,
): string[] {
  return FORMATS[format](grant, region).flatMap((text) => text.split("\n"));
}

function variables(grant: GrantAnswer): (readonly [name: string, value: string])[] {
  return [
    ["AWS_CONTAINER_CREDENTIALS_FULL_URI", grant.AWS_CONTAINER_CREDENTIALS_FULL_URI],
    ["AWS_CONTAINER_AUTHORIZATION_TOKEN", grant.AWS_CONTAINER_AUTHORIZATION_TOKEN],
  ];
}

/** Readers of `docker-env` do not support quotes: a second line would be another variable. */
function oneLine(region: string): string {
  // deno-lint-ignore no-control-regex -- these are what is looked for
  if (!/[\x00-\x1f\x7f]/.test(region)) return region;
  throw new VaultError(
    "unsupported",
    "Cannot print the region in this format: it has a line break or another control character",
    { hints: ["Use --format=env, or correct the region"] },
  );
}

/** The output of `serve` for a grant from its start: comments and variables for a shell. */
export function renderStartGrant(grant: GrantAnswer, uris: readonly string[]): string[] {
  const others = uris.slice(1).map((uri) => `# also for: ${uri}`);
  return [
    `# grant ${grant.name}: ${grant.profiles.join(", ")}`,
    ...renderGrant("export-env", grant),
    ...others,
  ];
}

/** The lines of `grant --list`; if any grant is limited, the limits are a column. */
export function renderGrants(grants: readonly GrantSummary[]): string[] {
  const isNarrowed = grants.some(({ policies, agent }) => policies ?? agent);
  const headings = ["Grant", "Profiles", "Expiration", ...isNarrowed ? ["Narrowed to"] : []];
  return renderTable(headings, grants.map((grant) => grantCells(grant).slice(0, headings.length)));
}

function grantCells({ name, profiles, expiration, policies = [], agent }: GrantSummary): string[] {
  const to = policies.length === 0 ? "-" : policies.join(" and ");
  return [name, profiles.join(", "), expiration ?? "-", agent ? `${to} (agent ${agent})` : to];
}
