/** The parameters that an action knows, with their limits (STS and IAM service models). */

import { invalid } from "./refusal.ts";

/** The limits of one parameter; `N` in its name stands for 1, 2, 3 … */
export interface ParameterRule {
  readonly required?: boolean;
  /** Least and greatest length. */
  readonly length?: readonly [number, number];
  /** Least and greatest number. */
  readonly range?: readonly [number, number];
  readonly pattern?: RegExp;
  readonly oneOf?: readonly string[];
  /** How many members a list may have. */
  readonly atMost?: number;
}

export type ParameterRules = Readonly<Record<string, ParameterRule>>;

/** The pairs of a form-encoded body; a pair that is broken or comes twice is refused. */
export function parseForm(body: Uint8Array): Map<string, string> {
  const form = new Map<string, string>();
  for (const pair of new TextDecoder().decode(body).split("&")) {
    const match = /^([^=&]+)=([^=&]*)$/.exec(pair);
    if (match === null) throw invalid(`The query string contains a syntax error: '${pair}'`);
    const [name, value] = [match[1]!, match[2]!].map(decodeComponent);
    if (form.has(name!)) throw invalid(`The parameter ${name} came more than once`);
    form.set(name!, value!);
  }
  return form;
}

function decodeComponent(text: string): string {
  if (!/^[A-Za-z0-9._~*+-]*$/.test(text.replace(/%[0-9A-Fa-f]{2}/g, ""))) {
    throw invalid(`The query string contains a character that is not encoded: '${text}'`);
  }
  return decodeURIComponent(text.replaceAll("+", " "));
}

/** Checks names, numbering and values; throws AWS's ValidationError for the first that is wrong. */
export function checkParameters(params: ReadonlyMap<string, string>, rules: ParameterRules): void {
  for (const [name, value] of params) {
    const rule = rules[name.replace(/\.\d+(?=\.|$)/g, ".N")];
    if (rule === undefined) throw invalid(`Unknown parameter: ${name}`);
    checkValue(name, value, rule);
    checkNumbering(params, name, rule);
  }
  for (const [name, rule] of Object.entries(rules)) {
    if (rule.required && !params.has(name.replaceAll(".N", ".1"))) {
      throw unsatisfied(name, "null", "Member must not be null", false);
    }
  }
}

function checkValue(name: string, value: string, rule: ParameterRule): void {
  const [shortest, longest] = rule.length ?? [0, Infinity];
  if (value.length < shortest) {
    throw unsatisfied(name, value, `Member must have length greater than or equal to ${shortest}`);
  }
  if (value.length > longest) {
    throw unsatisfied(name, value, `Member must have length less than or equal to ${longest}`);
  }
  if (rule.pattern !== undefined && !rule.pattern.test(value)) {
    throw unsatisfied(
      name,
      value,
      `Member must satisfy regular expression pattern: ${
        rule.pattern.source.replace(/^\^|\$$/g, "")
      }`,
    );
  }
  if (rule.oneOf !== undefined && !rule.oneOf.includes(value)) {
    throw unsatisfied(
      name,
      value,
      `Member must satisfy enum value set: [${rule.oneOf.join(", ")}]`,
    );
  }
  if (rule.range !== undefined) checkNumber(name, value, rule.range);
}

function checkNumber(name: string, value: string, [least, greatest]: readonly [number, number]) {
  if (!/^\d+$/.test(value)) {
    throw invalid(`Invalid value for parameter ${name}: '${value}' is not a number`);
  }
  if (Number(value) < least) {
    throw unsatisfied(name, value, `Member must have value greater than or equal to ${least}`);
  }
  if (Number(value) > greatest) {
    throw unsatisfied(name, value, `Member must have value less than or equal to ${greatest}`);
  }
}

/** Lists are numbered from 1 without a gap. */
function checkNumbering(params: ReadonlyMap<string, string>, name: string, rule: ParameterRule) {
  const match = /^(.*\.member)\.(\d+)(.*)$/.exec(name);
  if (match === null) return;
  const [, list, number, field] = match;
  if (!/^[1-9]\d*$/.test(number!)) throw invalid(`Invalid member number in ${name}`);
  const before = Number(number) - 1;
  if (before > 0 && !params.has(`${list}.${before}${field}`)) {
    throw invalid(`The members of ${list} are not numbered from 1 without a gap`);
  }
  if (Number(number) > (rule.atMost ?? Infinity)) {
    throw unsatisfied(list!, "…", `Member must have length less than or equal to ${rule.atMost}`);
  }
}

function unsatisfied(name: string, value: string, constraint: string, quoted = true): Error {
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  const shown = quoted ? `'${value}'` : value;
  return invalid(
    `1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}

/** The members of a list of pairs, such as `Tags.member.N.Key` and `.Value`. */
export function pairsOf(params: ReadonlyMap<string, string>, list: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (let n = 1; params.has(`${list}.member.${n}.Key`); n++) {
    const key = params.get(`${list}.member.${n}.Key`)!;
    const value = params.get(`${list}.member.${n}.Value`);
    if (value === undefined) throw invalid(`The tag ${key} has no value`);
    if (pairs.has(key)) throw invalid(`Duplicate tag keys found: ${key}`);
    pairs.set(key, value);
  }
  return pairs;
}

/** The members of a list of values, such as `TransitiveTagKeys.member.N`. */
export function membersOf(params: ReadonlyMap<string, string>, list: string): string[] {
  const members: string[] = [];
  for (let n = 1; params.has(`${list}.member.${n}`); n++) {
    members.push(params.get(`${list}.member.${n}`)!);
  }
  return members;
}
