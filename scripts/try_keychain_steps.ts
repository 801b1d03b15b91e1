/**
 * The steps of `scripts/try_keychain.ts`, in order; docs/macos.md describes the same steps in
 * prose.
 */

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a step can use: the Mac, and the person in front of it. */
export interface Mac {
  /** The keychain file of the test, and the login keychain's file. */
  readonly keychain: string;
  readonly login: string;
  /** Runs aws-vault, with a key in its environment for `add --env`. */
  awsVault(...args: string[]): Promise<Ended>;
  /** Runs `/usr/bin/security`. */
  security(...args: string[]): Promise<Ended>;
  /** Asks the person, yes or no. */
  confirm(question: string): Promise<boolean>;
}

/** One step: what the person has to know before it, and how it fails. */
export interface Step {
  readonly name: string;
  /** What the person will see and must do; absent: no dialog may appear. */
  readonly tell?: string;
  run(mac: Mac): Promise<string | undefined>;
}

/** The key that is stored: AWS's own example, which gives access to nothing. */
export const EXAMPLE_KEY = {
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
} as const;

const AT_ONCE = 24;
const AWKWARD = "größe 日本/team";
/** A name that no profile in the login keychain has. */
const IN_LOGIN = "aws-vault-try-keychain";

const add = (mac: Mac, profile: string, keychain = mac.keychain) =>
  mac.awsVault("--keychain", keychain, "add", "--env", "--no-add-config", profile);
const read = (mac: Mac, profile: string, ...flags: string[]) =>
  mac.awsVault("--keychain", mac.keychain, ...flags, "export", "-n", "--format=json", profile);
const remove = (mac: Mac, profile: string, keychain = mac.keychain) =>
  mac.awsVault("--keychain", keychain, "remove", "--force", profile);

/** Why the result is not as expected, or `undefined`. */
function unless(isSo: boolean, { code, stderr }: Ended): string | undefined {
  return isSo ? undefined : `exit code ${code}: ${stderr.trim()}`;
}

const gives = (ended: Ended) =>
  unless(ended.code === 0 && ended.stdout.includes(EXAMPLE_KEY.AWS_ACCESS_KEY_ID), ended);

/** The same, and the person has seen no dialog. */
async function givesInSilence(mac: Mac, ended: Ended): Promise<string | undefined> {
  const failed = gives(ended);
  if (failed !== undefined) return failed;
  return await mac.confirm("Did a dialog come up?") ? "a dialog came up" : undefined;
}

/** All steps. */
export const STEPS: readonly Step[] = [
  {
    name: "the first key makes the keychain",
    tell: 'macOS asks for the password of a new keychain: type "try" twice.',
    run: async (mac) => {
      const ended = await add(mac, "work");
      return unless(ended.code === 0, ended);
    },
  },
  {
    name: "what it stored it reads, and nobody is asked",
    run: async (mac) => await givesInSilence(mac, await read(mac, "work")),
  },
  {
    name: "names outside ASCII come back",
    run: async (mac) => {
      const added = await add(mac, AWKWARD);
      if (added.code !== 0) return unless(false, added);
      const failed = gives(await read(mac, AWKWARD));
      const removed = await remove(mac, AWKWARD);
      return failed ?? unless(removed.code === 0, removed);
    },
  },
  {
    name: `${AT_ONCE} processes read at once`,
    run: async (mac) => {
      const all = await Promise.all(Array.from({ length: AT_ONCE }, () => read(mac, "work")));
      return all.map(gives).find((failed) => failed !== undefined);
    },
  },
  {
    name: "locked, --no-prompt ends with exit code 4",
    run: async (mac) => {
      await mac.security("lock-keychain", mac.keychain);
      const ended = await read(mac, "work", "--no-prompt");
      if (ended.code !== 4) return unless(false, ended);
      return await mac.confirm("Did a dialog come up?") ? "a dialog came up" : undefined;
    },
  },
  {
    name: "locked, macOS asks once",
    tell: 'macOS asks for the password of the keychain, once: type "try".',
    run: async (mac) => {
      const ended = await read(mac, "work");
      if (gives(ended) !== undefined) return gives(ended);
      return await mac.confirm("Were you asked once?") ? undefined : "it asked more than once";
    },
  },
  {
    name: "another program is not given the key",
    tell: 'macOS asks whether "security" may use the key: press "Deny".',
    run: async (mac) => {
      const words = ["find-generic-password", "-s", "aws-vault", "-a", "work", "-w"];
      const ended = await mac.security(...words, mac.keychain);
      return ended.code === 0 ? "security was given the key" : undefined;
    },
  },
  {
    name: "the keychain of the login takes a key, and nothing else in it is touched",
    run: async (mac) => {
      const added = await add(mac, IN_LOGIN, mac.login);
      if (added.code !== 0) return unless(false, added);
      const listed = await mac.awsVault("--keychain", mac.login, "list", "--credentials");
      const removed = await remove(mac, IN_LOGIN, mac.login);
      if (removed.code !== 0) return unless(false, removed);
      return unless(listed.stdout.split("\n").includes(IN_LOGIN), listed);
    },
  },
  {
    name: "--biometrics says that it has no effect",
    run: async (mac) => {
      const ended = await read(mac, "work", "--biometrics");
      return gives(ended) ?? unless(ended.stderr.includes("--biometrics has no effect"), ended);
    },
  },
];

/** Removes what the steps leave, even if one fails in the middle; returns what is still there. */
export async function undo(mac: Mac): Promise<string[]> {
  await remove(mac, IN_LOGIN, mac.login);
  // Both from the list of keychains and from the disk.
  await mac.security("delete-keychain", mac.keychain);
  const item = ["find-generic-password", "-s", "aws-vault", "-a", IN_LOGIN];
  const { code } = await mac.security(...item, mac.login);
  const { stdout } = await mac.security("list-keychains");
  return [
    ...code === 0 ? [`"${IN_LOGIN}" in ${mac.login}`] : [],
    ...stdout.includes(mac.keychain) ? [`${mac.keychain} in the list of keychains`] : [],
  ];
}
