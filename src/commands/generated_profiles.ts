/** Names and settings of profiles for the assignments of Identity Center: pure functions. */

import type { GeneratedProfile } from "../config/populate.ts";
import { VaultError } from "../errors.ts";
import type { Assignment } from "../sso/assignments.ts";
import { quote } from "../text.ts";

/** The input for the profiles. */
export interface GenerateRequest {
  readonly session: string;
  readonly assignments: readonly Assignment[];
  /** `{account}-{role}` by default. */
  readonly template?: string | undefined;
  /** Patterns for `ACCOUNT/ROLE`, with the account's name or ID, in which `*` is any text; all by default. */
  readonly filters: readonly string[];
  readonly region?: string | undefined;
}

const USUAL_TEMPLATE = "{account}-{role}";

interface Candidate {
  readonly name: string;
  readonly accountId: string;
  readonly roleName: string;
}

/**
 * The profiles, sorted by name. Throws `bad-usage` for a template that gives several roles one name, and for
 * a filter that cannot match any role: with it, `--prune` would remove every profile.
 */
export function planProfiles(request: GenerateRequest): GeneratedProfile[] {
  const { session, region } = request;
  request.filters.forEach(checkFilter);
  const initial = region === undefined ? [] : [["region", region] as const];
  return withOwnNames(candidatesOf(request)).map(({ name, accountId, roleName }) => ({
    name,
    settings: [
      ["sso_session", session],
      ["sso_account_id", accountId],
      ["sso_role_name", roleName],
    ] as const,
    initial,
  })).sort((a, b) => a.name < b.name ? -1 : 1);
}

function candidatesOf({ assignments, template, filters, session }: GenerateRequest): Candidate[] {
  const isMeant = (account: Assignment, role: string) =>
    filters.length === 0 ||
    filters.some((filter) =>
      [account.accountName, account.accountId].some((name) => matches(`${name}/${role}`, filter))
    );
  return assignments.flatMap((account) =>
    account.roles.filter((role) => isMeant(account, role)).map((roleName) => ({
      name: fillIn(template ?? USUAL_TEMPLATE, { account, role: roleName, session }),
      accountId: account.accountId,
      roleName,
    }))
  );
}

function checkFilter(filter: string): void {
  if (/[/*]/.test(filter)) return;
  throw new VaultError(
    "bad-usage",
    `Cannot use --filter ${quote(filter)}: it is not ACCOUNT/ROLE`,
    {
      hints: ["* stands for any text, as in */ReadOnly"],
    },
  );
}

function matches(text: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join(".*")}$`, "is").test(text);
}

function fillIn(
  template: string,
  { account, role, session }: { account: Assignment; role: string; session: string },
): string {
  const values: Readonly<Record<string, string>> = {
    account: account.accountName || account.accountId,
    account_id: account.accountId,
    email: account.emailAddress,
    role,
    session,
  };
  const filled = template.replace(/\{([^{}]*)\}/g, (_, key: string) => {
    // Names come from others: characters special to a section header or a command line are removed.
    if (Object.hasOwn(values, key)) return plain(values[key]!);
    throw new VaultError("bad-usage", `Cannot use --template: there is no {${key}}`, {
      hints: [`Known are ${Object.keys(values).map((key) => `{${key}}`).join(", ")}`],
    });
  });
  // On a command line, a name that starts with a dash is a flag.
  const name = filled.replace(/^-+/, "");
  if (/^[^\s\p{C}[\]"'\\#;=][^\s\p{C}[\]"'\\]*$/u.test(name)) return name;
  throw new VaultError(
    "bad-usage",
    `Cannot use --template: ${quote(name)} is not possible as a profile name`,
  );
}

function plain(text: string): string {
  return text.trim().replace(/[^\p{L}\p{N}_.@+/-]+/gu, "-");
}

/** Adds the account's number if several accounts have the same name. */
function withOwnNames(candidates: readonly Candidate[]): Candidate[] {
  const counts = countNames(candidates);
  const named = candidates.map((one) =>
    counts.get(one.name)! > 1 ? { ...one, name: `${one.name}-${one.accountId}` } : one
  );
  const [twice] = [...countNames(named)].find(([, count]) => count > 1) ?? [];
  if (twice === undefined) return named;
  throw new VaultError(
    "bad-usage",
    `Cannot use --template: several roles would be named ${quote(twice)}`,
    {
      hints: ["Include {role}, and {account} or {account_id}"],
    },
  );
}

function countNames(candidates: readonly Candidate[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of candidates) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
