import { classifyItem, pendingProfile } from "../credentials/key_names.ts";
import type { Finding } from "../finding.ts";
import { commandLine, quote } from "../text.ts";
import { readMaxAge } from "../credentials/key_age.ts";
import type { Check, Scene } from "./check.ts";

/** Rotations that were interrupted, and keys that are old. */
export const KEYS: Check = {
  id: "keystore",
  subject: "stored keys",
  steps: [async (scene) => {
    const names = await (await scene.quietKeyring()).keys();
    const keys = names.filter((name) => classifyItem(name) === "credential").sort();
    const pending = names.map(pendingProfile).filter((name) => name !== undefined).sort();
    return [...pending.map(interrupted), ...await findOld(scene, keys)];
  }],
};

function interrupted(profile: string): Finding {
  return {
    id: "rotation-pending",
    severity: "warning",
    subject: profile,
    message: `The rotation of the key of profile ${quote(profile)} was interrupted`,
    todo: commandLine(["rotate", "--resume"], profile),
  };
}

async function findOld({ host, cache }: Scene, keys: readonly string[]): Promise<Finding[]> {
  const mostDays = readMaxAge(host.env);
  if (mostDays === 0) return [];
  const created = (await cache()).keysCreated();
  const now = host.clock.now();
  return keys.flatMap((key) => {
    const days = created.get(key)?.until(now).total("hours") ?? 0;
    return days / 24 < mostDays ? [] : [old(key, Math.floor(days / 24))];
  });
}

function old(profile: string, days: number): Finding {
  return {
    id: "key-old",
    severity: "warning",
    subject: profile,
    message: `The key of profile ${quote(profile)} is ${days} days old`,
    todo: commandLine(["rotate"], profile),
  };
}
