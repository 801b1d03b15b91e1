/** What the bench measures, line by line. */

import type { SceneSpec } from "./bench_scene.ts";

/** A line of the report, and how it is measured. */
export interface Row {
  readonly row: string;
  readonly scene: SceneSpec;
  readonly args: (profile: string) => readonly string[];
  /** The same command line in another scene; if absent, the empty program. */
  readonly against?: { readonly row: string; readonly scene: SceneSpec };
  /** Shows the cost of a start, and is also measured from the sources. */
  readonly isStart?: true;
  /** How many processes run at the same moment. */
  readonly atOnce?: number;
}

/** The most important path. */
export const EXPORT: Row["args"] = (profile) => ["export", "--format=json", profile];
const COMPLETION: Row["args"] = (
  profile,
) => ["--complete", "bash", `aws-vault exec ${profile}`, " :="];
const scene = (store: SceneSpec["store"], more: Partial<SceneSpec> = {}): SceneSpec => ({
  store,
  profiles: 10,
  sessions: 0,
  roles: 0,
  ...more,
});
/** A key in the kernel's keyring, and few profiles. */
export const KEYCTL = scene("keyctl");
const MANY = scene("keyctl", { profiles: 20_000 });

/** `list` with 10,000 profiles and 1,000 sessions, against ten profiles; with each flag. */
function listRows(...flags: readonly string[]): Row[] {
  return flags.map((flag) => ({
    row: flag === "" ? "list, 10,000 profiles" : `list ${flag}, 10,000 profiles`,
    scene: scene("keyctl", { profiles: 10_000, sessions: 1_000 }),
    args: () => flag === "" ? ["list"] : ["list", flag],
    against: { row: "ten profiles", scene: KEYCTL },
  }));
}

/** All rows, in the order of the report. */
export const ROWS: readonly Row[] = [
  { row: "--version", scene: KEYCTL, args: () => ["--version"], isStart: true },
  { row: "export, keyctl", scene: KEYCTL, args: EXPORT, isStart: true },
  {
    row: "export, and its record of uses",
    scene: KEYCTL,
    args: EXPORT,
    against: {
      row: "no record",
      scene: scene("keyctl", { env: { AWS_VAULT_LOG: "off" } }),
    },
  },
  {
    row: "export, file unlocked",
    scene: scene("file, unlock key cached"),
    args: EXPORT,
    isStart: true,
  },
  { row: "export, file passphrase", scene: scene("file, passphrase"), args: EXPORT },
  { row: "export, secret-service", scene: scene("secret-service"), args: EXPORT },
  { row: "export, role", scene: scene("keyctl", { roles: 1 }), args: EXPORT },
  { row: "export, role of a role", scene: scene("keyctl", { roles: 2 }), args: EXPORT },
  {
    row: "export, sso role",
    scene: scene("keyctl", { sso: true }),
    args: EXPORT,
    against: { row: "export, role", scene: scene("keyctl", { roles: 1 }) },
  },
  {
    row: "export, roles anywhere",
    scene: scene("keyctl", { anywhere: true }),
    args: EXPORT,
    against: { row: "export, role", scene: scene("keyctl", { roles: 1 }) },
  },
  {
    row: "exec -- true",
    scene: KEYCTL,
    args: (profile) => ["exec", profile, "--", "true"],
    isStart: true,
  },
  { row: "completion", scene: KEYCTL, args: COMPLETION, isStart: true },
  {
    row: "completion, 20,000 profiles",
    scene: MANY,
    args: COMPLETION,
    against: { row: "ten profiles", scene: KEYCTL },
  },
  ...listRows("", "--json", "--tree", "--long", "--sort=account"),
  {
    row: "export, 100,000 profiles",
    scene: scene("file, unlock key cached", { profiles: 100_000 }),
    args: EXPORT,
    against: { row: "one profile", scene: scene("file, unlock key cached", { profiles: 1 }) },
  },
  {
    row: "export, 10,000 sessions",
    scene: scene("keyctl", { sessions: 10_000 }),
    args: EXPORT,
    against: { row: "one session", scene: KEYCTL },
  },
  { row: "50 exports at once", scene: KEYCTL, args: EXPORT, atOnce: 50 },
];
