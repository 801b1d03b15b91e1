import { classifyItem, isEnrolling, pendingProfile, seedSerial } from "../credentials/key_names.ts";
import type { Finding } from "../finding.ts";
import { commandLine, quote } from "../text.ts";
import { readMaxAge } from "../credentials/key_age.ts";
import type { Check, Scene } from "./check.ts";

/** Interrupted rotations and enrolments of MFA devices, stored seeds, and old keys. */
export const KEYS: Check = {
  id: "keystore",
  subject: "stored keys",
  steps: [async (scene) => {
    const names = await (await scene.quietKeyring()).keys();
    const keys = names.filter((name) => classifyItem(name) === "credential").sort();
    const pending = names.map(pendingProfile).filter((name) => name !== undefined).sort();
    const seeds = names.filter((name) => seedSerial(name) !== undefined).sort();
    return [
      ...pending.map(interrupted),
      ...seeds.map(seedStored),
      ...await findOld(scene, keys),
    ];
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

/** A seed beside its key is a choice; one of an unfinished enrolment is of a device that AWS does not ask for. */
function seedStored(name: string): Finding {
  const serial = seedSerial(name)!;
  const device = `MFA device ${quote(serial)}`;
  const forget = commandLine(["mfa", "forget"], serial);
  if (isEnrolling(name)) {
    const flag = `--device-name=${serial.split(":mfa/").at(-1)}`;
    return {
      id: "mfa-enrolment-pending",
      severity: "warning",
      subject: serial,
      message: `The enrollment of ${device} was interrupted: the keystore has its seed`,
      todo: `To continue, with the profile of its user: ${
        commandLine(["mfa", "enroll", flag], "PROFILE")
      }; to discard it: ${forget}`,
    };
  }
  return {
    id: "mfa-seed-stored",
    severity: "note",
    subject: serial,
    message:
      `The seed of ${device} is stored: anyone who opens the keystore has both key and MFA device`,
    todo: `If that is not intended: ${forget}`,
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
