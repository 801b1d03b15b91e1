/** The questions of `add` after the key: the MFA device and the region. */

import { type Partition, partitionOfArn, PARTITIONS, resolvePartition } from "../aws/partitions.ts";
import { FORMS, isMfaSerial } from "../credentials/entered_key.ts";
import { hasCode } from "../errors.ts";
import { askUntilValid } from "../prompt/ask_until_valid.ts";
import type { Invocation } from "./context.ts";

/**
 * How long the question for the MFA device waits for the first key: scripts written for 99designs'
 * aws-vault 7 answer two questions, and wait for the end.
 */
const MFA_PATIENCE_MS = 30_000;

/** The same for the region, which aws-vault 7 does not ask for: `expect` waits for 10 s. */
const REGION_PATIENCE_MS = 8_000;

/** The answers that decline the proposal. */
const NONE = /^(none|-)$/i;

/** The form of a region's name, as a clause for the person. */
export const REGION_FORM = "Regions look like us-east-1";

/** Whether a text can be a region's name, in this partition if one is given. */
export function isRegionOf(text: string, partition?: Partition): boolean {
  if (!/^[a-z0-9]+(-[a-z0-9]+)+$/.test(text)) return false;
  const known = PARTITIONS.find(({ regionPattern }) => regionPattern.test(text));
  return known === undefined || partition === undefined || known === partition;
}

/**
 * The region to propose: the one in effect, else the region that hosts the partition's services without
 * regions. `arn`: the ARN of the key's user.
 */
export function proposeRegion(inEffect: string | undefined, arn: string | undefined): string {
  const partition = arn === undefined ? undefined : partitionOfArn(arn);
  if (inEffect !== undefined && isRegionOf(inEffect, partition)) return inEffect;
  return (partition ?? resolvePartition(inEffect ?? "")).globalRegion;
}

/** The MFA devices to propose: the profile's, or those of the key's user. */
export interface KnownDevices {
  readonly of: "profile" | "user";
  readonly serials: readonly string[];
}

/**
 * Asks for the MFA device of a stored key, and proposes the known ones; `undefined`: the person has none,
 * `unanswered`: nobody answered.
 */
export async function askForMfaSerial(
  { host }: Invocation,
  known: KnownDevices,
): Promise<string | undefined | "unanswered"> {
  const choose = (text: string) => chooseDevice(text, known);
  try {
    for (const line of describeDevices(known)) await host.terminal.write(`${line}\n`);
    const answer = await askUntilValid(host, {
      question: `Enter MFA Device ARN (${explainBlank(known)}): `,
      timeoutMs: MFA_PATIENCE_MS,
      waitsForTyping: true,
      form: FORMS.mfaSerial,
      isValid: (text) => choose(text) === "" || isMfaSerial(choose(text)),
    });
    return choose(answer) || undefined;
  } catch (error) {
    if (!hasCode(error, "needs-person")) throw error;
    host.talk.note("No MFA device was named: if there is one, add mfa_serial to the profile");
    return "unanswered";
  }
}

/** The device that an answer names: by its number in the list, or the first if it is blank. */
function chooseDevice(text: string, { of, serials }: KnownDevices): string {
  if (text === "") return serials[0] ?? "";
  if (NONE.test(text) && of === "user") return "";
  return serials[Number(text) - 1] ?? text;
}

/** The lines before the question; if no device is known, the question is that of aws-vault 7. */
function describeDevices({ of, serials }: KnownDevices): string[] {
  if (serials.length === 0) return [];
  if (serials.length === 1) return [`MFA device of this ${of}: ${serials[0]}`];
  return [`MFA devices of this ${of}:`, ...serials.map((serial, at) => `  ${at + 1}  ${serial}`)];
}

function explainBlank({ of, serials }: KnownDevices): string {
  if (serials.length === 0) return "If MFA is not enabled, leave this blank";
  if (of === "profile") return "leave this blank to keep it";
  const blank = serials.length === 1 ? "leave this blank for it" : "or its number, blank for 1";
  return `${blank}, "none" for none`;
}

/** Asks for the region of a profile, and proposes one; `undefined`: none, or nobody answered. */
export async function askForRegion(
  { host }: Invocation,
  proposed: string,
  partition: Partition | undefined,
): Promise<string | undefined> {
  const example = partition?.globalRegion ?? "us-east-1";
  try {
    const answer = await askUntilValid(host, {
      question: `Enter Region (leave this blank for ${proposed}, "none" for none): `,
      timeoutMs: REGION_PATIENCE_MS,
      waitsForTyping: true,
      form: partition === undefined
        ? REGION_FORM
        : `Regions of partition ${partition.id} look like ${example}`,
      isValid: (text) => text === "" || NONE.test(text) || isRegionOf(text, partition),
    });
    if (NONE.test(answer)) return undefined;
    return answer || proposed;
  } catch (error) {
    if (!hasCode(error, "needs-person")) throw error;
    host.talk.note("No region was named: to set one, add region to the profile");
    return undefined;
  }
}
