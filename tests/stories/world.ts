/** The lines of a story that describe the world: words and `name=value` pairs. */

import type { FakeAwsOptions } from "../servers/fake_aws.ts";
import type { FaultKind, FaultSpec } from "../servers/faults.ts";
import type { IdentityCenterSpec } from "../servers/identity_center.ts";
import type { MachineSpec } from "../servers/machine.ts";
import type { MfaSpec } from "../servers/mfa.ts";
import type { RoleSpec } from "../servers/roles.ts";
import type { SigninSpec } from "../servers/signin.ts";
import type { UserSpec } from "../servers/users.ts";

const ACCOUNT = "111122223333";

export function splitWords(line: string): string[] {
  return line.trim().split(/\s+/).filter((word) => word !== "");
}

/** The pairs of a line; a word alone has the value `true`. Asking for what is unknown throws. */
class Pairs {
  readonly #pairs: [string, string][];

  constructor(words: readonly string[]) {
    this.#pairs = words.map((word) => {
      const equals = word.indexOf("=");
      return equals < 0 ? [word, "true"] : [word.slice(0, equals), word.slice(equals + 1)];
    });
  }

  /** The values of a name, which are thereby used. */
  all(name: string): string[] {
    const values = this.#pairs.filter(([key]) => key === name).map(([, value]) => value);
    this.#pairs.splice(0, Infinity, ...this.#pairs.filter(([key]) => key !== name));
    return values;
  }

  text(name: string): string | undefined {
    return this.all(name)[0];
  }

  list(name: string): string[] | undefined {
    return this.text(name)?.split(",");
  }

  number(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Number(text);
  }

  /** Gives what has a value; throws where something was not asked for. */
  finish<Spec>(spec: Spec): Spec {
    if (this.#pairs.length > 0) throw new Error(`not understood: ${this.#pairs.join(" ")}`);
    const entries = Object.entries(spec as object).filter(([, value]) => value !== undefined);
    return Object.fromEntries(entries) as Spec;
  }
}

export function parseAws(words: readonly string[]): FakeAwsOptions {
  const pairs = new Pairs(words);
  const regions = pairs.text("regions");
  const refusals = pairs.number("new-key-refusals");
  const spec = {
    account: pairs.text("account"),
    accountAlias: pairs.text("alias"),
    stsRegions: regions === "any" ? regions : regions?.split(","),
    iamRegion: pairs.text("iam-region"),
    newKeyRefusals: refusals,
  };
  return pairs.finish(spec as FakeAwsOptions);
}

export function parseUser([name = "", ...words]: readonly string[]): UserSpec {
  const pairs = new Pairs(words);
  const count = pairs.number("keys") ?? 1;
  const ageDays = pairs.number("age-days");
  const key = ageDays === undefined ? {} : { ageDays };
  const spec = {
    name,
    account: pairs.text("account"),
    keys: Array.from({ length: count }, () => key),
    mfa: pairs.all("mfa").map(parseMfa),
    deny: pairs.list("deny"),
    denyWithoutMfa: pairs.list("deny-without-mfa"),
  };
  return pairs.finish(spec as UserSpec);
}

/** `123456,234567`, `any`, `totp` (a device with a seed), `fido` (a security key), or one of these after `NAME:`. */
function parseMfa(text: string): MfaSpec {
  const [codes = "", name] = text.split(":").reverse();
  return {
    ...(codes === "totp" ? {} : { codes: codes === "any" ? codes : codes.split(",") }),
    ...(codes === "fido" ? { codes: [], isSecurityKey: true } : {}),
    ...(name === undefined ? {} : { name }),
  };
}

export function parseRole([name = "", ...words]: readonly string[]): RoleSpec {
  const pairs = new Pairs(words);
  const account = pairs.text("account");
  const spec = {
    name,
    account,
    mfa: pairs.text("mfa") === "true",
    externalId: pairs.text("external-id"),
    maxSessionSeconds: pairs.number("max"),
    trusts: pairs.list("trusts")?.map((trusted) =>
      /^(role|user)\//.test(trusted) ? `arn:aws:iam::${account ?? ACCOUNT}:${trusted}` : trusted
    ),
    subjects: pairs.list("subjects"),
    tagKeys: pairs.list("tags"),
    sourceIdentity: pairs.text("source-identity"),
    deny: pairs.list("deny"),
  };
  return pairs.finish(spec as RoleSpec);
}

/** `sso person=refuses account=111122223333:Main:Admin,ReadOnly pending=2`: Identity Center. */
export function parseIdentityCenter(words: readonly string[]): IdentityCenterSpec {
  const pairs = new Pairs(words);
  const accounts = pairs.all("account").map((text) => {
    const [id = "", name = "", roles = ""] = text.split(":");
    return { id, name: name.replaceAll("_", " "), roles: roles.split(",") };
  });
  const spec = {
    startUrl: pairs.text("start-url"),
    accounts: accounts.length > 0 ? accounts : undefined,
    person: pairs.text("person"),
    user: pairs.text("user"),
    pendingPolls: pairs.number("pending"),
    slowDowns: pairs.number("slow-downs"),
    intervalSeconds: pairs.number("interval") ?? 1,
    codeSeconds: pairs.number("code-seconds"),
    tokenSeconds: pairs.number("token-seconds"),
    clientSeconds: pairs.number("client-seconds"),
    refreshes: pairs.text("no-refresh") === undefined ? undefined : false,
    pkceRefusal: pairs.text("pkce-refusal"),
    pageSize: pairs.number("page"),
    roleSeconds: pairs.number("role-seconds"),
  };
  return pairs.finish(spec as IdentityCenterSpec);
}

/** `signin person=refuses user=bob seconds=900`: AWS Sign-In. */
export function parseSignin(words: readonly string[]): SigninSpec {
  const pairs = new Pairs(words);
  const spec = {
    person: pairs.text("person"),
    user: pairs.text("user"),
    tokenSeconds: pairs.number("seconds"),
  };
  return pairs.finish(spec as SigninSpec);
}

/** `machine role=web v2=only token=abc`: the role of a machine and a container, and how it is asked for. */
export function parseMachine(words: readonly string[]): MachineSpec {
  const pairs = new Pairs(words);
  const spec = {
    role: pairs.text("role"),
    v2: pairs.text("v2") as MachineSpec["v2"],
    containerToken: pairs.text("token"),
    seconds: pairs.number("seconds"),
  };
  return pairs.finish(spec as MachineSpec);
}

export function parseFault([kind = "", action = "", ...words]: readonly string[]): FaultSpec {
  const pairs = new Pairs(words);
  const spec = {
    kind: kind as FaultKind,
    action: action === "any" ? undefined : action,
    times: pairs.number("times"),
    after: pairs.number("after"),
    ms: pairs.number("ms"),
    status: pairs.number("status"),
    code: pairs.text("code"),
    message: pairs.text("message"),
  };
  return pairs.finish(spec as FaultSpec);
}

/** `+20m`, `-3h`, `+10s` in milliseconds. */
export function parseOffset(text: string): number {
  const match = /^([+-]\d+)([smh])$/.exec(text);
  if (match === null) throw new Error(`no offset: ${text}`);
  return Number(match[1]) * { s: 1000, m: 60_000, h: 3_600_000 }[match[2] as "s" | "m" | "h"];
}
