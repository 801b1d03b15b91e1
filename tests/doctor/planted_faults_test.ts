/**
 * `doctor` finds each fault that is planted into a healthy home, that one and no other; what it can mend
 * is gone after `--fix`.
 */

import assert from "node:assert/strict";
import { Home, NOT_ON_WINDOWS } from "../home.ts";
import { CLOSED_URL } from "../servers/closed_port.ts";
import { requireService } from "../services.ts";
import { addHealth, findingsOf } from "./healthy_home.ts";

/** A fault, and what is found. */
interface Planted {
  readonly what: string;
  plant(home: Home): void | Promise<void>;
  /** As `severity id subject`, sorted; the home folder is written `~`. */
  readonly found: readonly string[];
  /** Only root can plant it. */
  readonly isOfRoot?: boolean;
  /** What `--fix` leaves of it; absent: nothing can be mended. */
  readonly left?: readonly string[];
}

const KEYS = "~/.awsvault/keys";
const STATE = "~/.awsvault/state";
const DEAD = ".aws-vault-0123456789abcdef.tmp";
/** An item of the keyring library of aws-vault 7, of another passphrase. */
const { vectors: [{ jwe: FOREIGN_ITEM }] } = JSON.parse(
  Deno.readTextFileSync(new URL("../vectors/jwe_go_keyring.json", import.meta.url)),
);
const ADMIN = "arn:aws:iam::111122223333:role/team/OrgAdmin";
const ROLE = "arn:aws:iam::111122223333:role/deploy";

function config(text: string): Planted["plant"] {
  return (home) => home.write(".aws/config", `${home.read(".aws/config")}\n${text}\n`);
}

function env(name: string, value: string): Planted["plant"] {
  return (home) => void (home.env[name] = value);
}

function mode(path: string, bits: number): Planted["plant"] {
  return (home) => Deno.chmodSync(`${home.path}/${path}`, bits);
}

/** An item of that name; what is in it is not read. Its file is named as the file back end names it. */
function plantSeed(name: string): Planted["plant"] {
  return (home) => {
    const keys = `${home.path}/.awsvault/keys`;
    Deno.copyFileSync(`${keys}/work`, `${keys}/${name.replaceAll("/", "%2F")}`);
  };
}

const FAULTS: readonly Planted[] = [
  {
    what: "others can write to the config file",
    plant: mode(".aws/config", 0o666),
    found: ["error config-writable ~/.aws/config"],
    left: [],
  },
  {
    what: "the config file has a line that is none",
    plant: config("what is this"),
    found: ["error config-file config file"],
  },
  {
    what: "the config file is UTF-16",
    plant: (home) =>
      Deno.writeFileSync(`${home.path}/.aws/config`, Uint8Array.of(0xff, 0xfe, 0x5b, 0)),
    found: ["error config-file config file"],
  },
  {
    what: "a section lacks the word profile",
    plant: config("[other]\nregion = eu-west-1"),
    found: ["warning section-unknown other"],
  },
  {
    what: "a profile stands there twice",
    plant: config("[profile work]\noutput = json"),
    found: ["warning section-twice profile work"],
  },
  {
    what: "a setting stands there twice",
    plant: config("[profile p]\noutput = json\noutput = text"),
    found: ["warning setting-twice output"],
  },
  {
    what: "a setting is misspelled",
    plant: config("[profile p]\nregoin = eu-west-1"),
    found: ["warning setting-unknown regoin"],
  },
  {
    what: "a region is written otherwise than AWS's",
    plant: (home) => {
      delete home.env["AWS_REGION"];
      config("[profile p]\nregion = useast1")(home);
    },
    found: ["warning region-unknown p"],
  },
  {
    what: "profiles go round in a circle",
    plant: config("[profile a]\nsource_profile = b\n[profile b]\nsource_profile = a"),
    found: ["error profile-invalid a", "error profile-invalid b"],
  },
  {
    what: "a profile that is included does not exist",
    plant: config("[profile p]\ninclude_profile = gone"),
    found: ["error include-missing p"],
  },
  {
    what: "an sso-session does not exist",
    plant: config("[profile p]\nsso_session = gone\nsso_account_id = 1\nsso_role_name = r"),
    found: ["error source-invalid p", "error sso-session-missing p"],
  },
  {
    what: "a source profile does not exist",
    plant: config(`[profile p]\nrole_arn = ${ROLE}\nsource_profile = gone`),
    found: ["warning no-credentials p"],
  },
  {
    what: "a role has no source",
    plant: config(`[profile p]\nrole_arn = ${ROLE}`),
    found: ["warning no-credentials p"],
  },
  {
    what: "the ARN of a role is none",
    plant: config("[profile p]\nrole_arn = admin\nsource_profile = work"),
    found: ["error role-arn p"],
  },
  {
    what: "the ARN of a device is that of a user",
    plant: config("[profile p]\nmfa_serial = arn:aws:iam::111122223333:user/me"),
    found: ["warning mfa-serial p"],
  },
  {
    what: "a role has no device although its source has one",
    plant: config(
      "[profile base]\nmfa_serial = arn:aws:iam::111122223333:mfa/me\nsource_profile = work\n" +
        `[profile p]\nrole_arn = ${ROLE}\nsource_profile = base`,
    ),
    found: ["note mfa-missing p"],
  },
  {
    what: "an administrator's role is anybody's",
    plant: config(`[profile p]\nrole_arn = ${ADMIN}\nsource_profile = work`),
    found: ["note profile-powerful p"],
  },
  {
    what: "an administrator's role of Identity Center is anybody's, and agents are allowed",
    plant: config(
      "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n" +
        "sso_region = us-east-1\n[profile p]\nsso_session = corp\n" +
        "sso_account_id = 111122223333\nsso_role_name = AdministratorAccess\n" +
        "aws_vault_agents = allow\naws_vault_confirm = false",
    ),
    found: ["note profile-powerful p"],
  },
  {
    what: "a role of a role asks for more than an hour",
    plant: config(
      `[profile one]\nrole_arn = ${ROLE}\nsource_profile = work\n` +
        `[profile two]\nrole_arn = ${ROLE}\nsource_profile = one\nduration_seconds = 7200`,
    ),
    found: ["warning role-chain-duration two"],
  },
  {
    what: "a duration is a word",
    plant: config(
      `[profile p]\nrole_arn = ${ROLE}\nsource_profile = work\nduration_seconds = long`,
    ),
    found: ["error profile-invalid p"],
  },
  {
    what: "a program is not there",
    plant: config("[profile p]\ncredential_process = no-such-program --json"),
    found: ["warning helper-missing p"],
  },
  {
    what: "the program of a SAML assertion is not there",
    plant: config("[profile p]\nsaml_process = no-such-program --idp corp"),
    found: ["warning helper-missing p"],
  },
  {
    what: "a token file is not there",
    plant: config(`[profile p]\nrole_arn = ${ROLE}\nweb_identity_token_file = /no/token`),
    found: ["warning token-file-missing p"],
  },
  {
    what: "a file of certificates is not there",
    plant: config("[profile p]\nca_bundle = /no/bundle.pem"),
    found: ["error ca-bundle p"],
  },
  {
    what: "requests would go out without encryption",
    plant: env("AWS_ENDPOINT_URL", "http://example.com"),
    found: ["error profile-invalid default"],
  },
  {
    what: "plain keys stand in the credentials file",
    plant: (home) =>
      home.write(
        ".aws/credentials",
        "[old]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
          "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
      ),
    found: ["warning plain-keys ~/.aws/credentials"],
  },
  {
    what: "others can read the credentials file",
    plant: (home) => home.write(".aws/credentials", "[old]\noutput = json\n", 0o644),
    found: ["warning credentials-readable ~/.aws/credentials"],
    left: [],
  },
  {
    what: "a killed writer left a file beside the config file",
    plant: (home) => home.write(`.aws/${DEAD}`, "half"),
    found: ["warning leftover-files ~/.aws"],
    left: [],
  },
  {
    what: "a killed writer left a file beside shared logins",
    plant: (home) => home.write(`.aws/sso/cache/${DEAD}`, "half"),
    found: ["warning leftover-files ~/.aws/sso/cache"],
    left: [],
  },
  {
    what: "a killed writer left a file among the keys",
    plant: (home) => home.write(`.awsvault/keys/${DEAD}`, "half"),
    found: [`warning leftover-files ${KEYS}`],
    left: [],
  },
  {
    what: "killed writers left files in the state folder and among the locks",
    plant: (home) => {
      home.write(`.awsvault/state/${DEAD}`, "half");
      home.write(`.awsvault/state/locks/${DEAD}`, "half");
    },
    found: [`warning leftover-files ${STATE}`, `warning leftover-files ${STATE}/locks`],
    left: [],
  },
  {
    what: "others can write to the state folder",
    plant: mode(".awsvault/state", 0o777),
    found: [
      "error session-cache session cache",
      `error state-folder-writable ${STATE}`,
    ],
    left: [],
  },
  {
    what: "others can read the state folder",
    plant: mode(".awsvault/state", 0o755),
    found: [`warning state-folder-readable ${STATE}`],
    left: [],
  },
  {
    what: "the state folder is a link",
    plant: (home) => {
      Deno.renameSync(`${home.path}/.awsvault/state`, `${home.path}/elsewhere`);
      Deno.symlinkSync(`${home.path}/elsewhere`, `${home.path}/.awsvault/state`);
    },
    found: ["error session-cache session cache", "error state-folder state folder"],
  },
  {
    what: "others can read the session cache",
    plant: mode(".awsvault/state/sessions.db", 0o644),
    found: [`warning session-cache-readable ${STATE}/sessions.db`],
    left: [],
  },
  {
    what: "a folder stands in the place of the session cache",
    plant: (home) => {
      Deno.removeSync(`${home.path}/.awsvault/state/sessions.db`);
      Deno.mkdirSync(`${home.path}/.awsvault/state/sessions.db`);
    },
    found: ["error session-cache session cache"],
  },
  {
    what: "the session cache is damaged, which stays as it is",
    plant: (home) =>
      home.write(".awsvault/state/sessions.db", "forty bytes that are no database, or so"),
    found: ["error session-cache session cache"],
  },
  {
    what: "a damaged session cache was set aside",
    plant: (home) => home.write(".awsvault/state/sessions.db.damaged-1", "x"),
    found: ["note damaged-session-cache session cache"],
    left: [],
  },
  {
    what: "the key of the session cache is of another passphrase",
    plant: (home) => home.write(".awsvault/keys/oidc:aws-vault-data-key", FOREIGN_ITEM),
    found: [`note few-rounds ${KEYS}`, "warning session-cache-key session cache"],
  },
  {
    what: "a killed process left its name at a lock",
    plant: (home) => {
      home.write(".awsvault/state/locks/key-1.lock", "");
      home.write(".awsvault/state/locks/key-1.holder", '{"pid":1}');
    },
    found: [`note stale-locks ${STATE}/locks`],
    left: [],
  },
  {
    what: "others can write to the file store",
    plant: mode(".awsvault/keys", 0o777),
    found: [`error file-store-writable ${KEYS}`],
    left: [],
  },
  {
    what: "a change of the passphrase was killed",
    plant: (home) => home.write(".awsvault/keys/.aws-vault-change/work", "x"),
    found: [`warning change-unfinished ${KEYS}`],
    // The trial of the store is a write, which finishes it.
    left: [],
  },
  {
    what: "others can take the lock of the file store",
    plant: mode(".awsvault/keys.lock", 0o666),
    found: [`error file-store-lock-writable ${KEYS}.lock`],
    left: [],
  },
  {
    what: "a key is encrypted as aws-vault 7 does",
    plant: (home) => home.write(".awsvault/keys/old", FOREIGN_ITEM),
    found: [`note few-rounds ${KEYS}`],
  },
  {
    what: "a file stands in the place of the file store",
    plant: (home) => {
      Deno.removeSync(`${home.path}/.awsvault/keys`, { recursive: true });
      home.write(".awsvault/keys", "");
    },
    found: ["error keystore keystore"],
  },
  {
    what: "a back end is named that does not exist",
    plant: env("AWS_VAULT_BACKEND", "safe"),
    found: ["error keystore keystore"],
  },
  {
    what: "a rotation was interrupted",
    plant: (home) => {
      const keys = `${home.path}/.awsvault/keys`;
      Deno.copyFileSync(`${keys}/work`, `${keys}/aws-vault-pending:work`);
    },
    found: ["warning rotation-pending work"],
  },
  {
    what: "the enrolment of an MFA device was interrupted",
    plant: plantSeed("aws-vault-enrolling:arn:aws:iam::111122223333:mfa/new"),
    found: ["warning mfa-enrolment-pending arn:aws:iam::111122223333:mfa/new"],
  },
  {
    what: "the seed of an MFA device is stored",
    plant: plantSeed("aws-vault-totp:arn:aws:iam::111122223333:mfa/new"),
    found: ["note mfa-seed-stored arn:aws:iam::111122223333:mfa/new"],
  },
  {
    what: "a key is old, and the clock a hundred days ahead",
    plant: (home) => void (home.clockOffsetMs = 100 * 24 * 3_600_000),
    found: ["warning clock clock", "warning key-old work"],
  },
  {
    what: "the age of keys is a word",
    plant: env("AWS_VAULT_KEY_MAX_AGE", "old"),
    found: ["error keystore stored keys"],
  },
  {
    what: "a variable is misspelled",
    plant: env("AWS_VAULT_BACKED", "file"),
    found: ["warning variable-unknown AWS_VAULT_BACKED"],
  },
  {
    what: "AWS_PROFILE names nothing",
    plant: env("AWS_PROFILE", "gone"),
    found: ["warning profile-unknown AWS_PROFILE"],
  },
  {
    what: "a prompt is not there",
    plant: (home) => {
      home.env["AWS_VAULT_PROMPT"] = "osascript";
    },
    found: ["warning prompt-missing AWS_VAULT_PROMPT"],
  },
  {
    what: "credentials stand in the environment",
    plant: env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    found: ["note environment-credentials AWS_ACCESS_KEY_ID"],
  },
  {
    what: "SSL_CERT_FILE names nothing",
    plant: env("SSL_CERT_FILE", "/no/certificates.pem"),
    found: ["error certificate-file SSL_CERT_FILE"],
  },
  {
    what: "a proxy is not a URL",
    plant: env("HTTPS_PROXY", "proxy.example.com"),
    found: ["error proxy-invalid HTTPS_PROXY"],
  },
  {
    what: "the shell does not complete",
    plant: env("SHELL", "/bin/fish"),
    found: ["note completion-missing fish"],
  },
  {
    what: "plain keys stand in the config file",
    plant: config(
      "[profile p]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n" +
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
    found: ["warning plain-keys ~/.aws/config"],
  },
  {
    what: "the config file is a link to one that others can change, with a file of a killed writer",
    plant: (home) => {
      home.write("dot/config", home.read(".aws/config")!);
      Deno.chmodSync(`${home.path}/dot/config`, 0o666);
      home.write(`dot/${DEAD}`, "half");
      Deno.removeSync(`${home.path}/.aws/config`);
      Deno.symlinkSync(`${home.path}/dot/config`, `${home.path}/.aws/config`);
    },
    found: ["error config-writable ~/dot/config", "warning leftover-files ~/dot"],
    left: [],
  },
  {
    what: "others can write to the folder of the config file",
    plant: mode(".aws", 0o777),
    found: ["error config-folder-writable ~/.aws"],
    left: [],
  },
  {
    what: "the store is locked, others can write to it, and a key is weakly encrypted",
    plant: (home) => {
      delete home.env["AWS_VAULT_FILE_PASSPHRASE"];
      home.write(".awsvault/keys/old", FOREIGN_ITEM);
      Deno.chmodSync(`${home.path}/.awsvault/keys`, 0o777);
    },
    found: [
      `error file-store-writable ${KEYS}`,
      `note few-rounds ${KEYS}`,
      "note keystore-locked keystore",
    ],
    left: [`note few-rounds ${KEYS}`, "note keystore-locked keystore"],
  },
  {
    what: "a line of the config file is none, and others can change it",
    plant: (home) => {
      config("what is this")(home);
      Deno.chmodSync(`${home.path}/.aws/config`, 0o666);
    },
    found: ["error config-file config file", "error config-writable ~/.aws/config"],
    left: ["error config-file config file"],
  },
  {
    what: "a pipe stands in the place of a lock, beside other faults",
    plant: async (home) => {
      const locks = `${home.path}/.awsvault/state/locks`;
      await new Deno.Command("mkfifo", { args: [`${locks}/key-1.lock`] }).output();
      Deno.chmodSync(`${home.path}/.awsvault/state`, 0o755);
    },
    found: [
      `error lock-unusable ${STATE}/locks/key-1.lock`,
      `warning state-folder-readable ${STATE}`,
    ],
    left: [`error lock-unusable ${STATE}/locks/key-1.lock`],
  },
  {
    what: "the folder of locks is a link to a folder of somebody's files",
    plant: (home) => {
      home.write("victim/mine.lock", "");
      home.write("victim/mine.holder", "");
      home.write(`victim/${DEAD}`, "");
      Deno.removeSync(`${home.path}/.awsvault/state/locks`, { recursive: true });
      Deno.symlinkSync(`${home.path}/victim`, `${home.path}/.awsvault/state/locks`);
    },
    found: ["error state-folder state folder"],
  },
  {
    what: "others can write to the session cache",
    plant: mode(".awsvault/state/sessions.db", 0o666),
    found: [
      "error session-cache session cache",
      `error session-cache-writable ${STATE}/sessions.db`,
    ],
    left: [],
  },
  {
    what: "a folder stands in the place of the record, and a fix that fails among others",
    plant: (home) => {
      Deno.removeSync(`${home.path}/.awsvault/state/uses.jsonl`);
      Deno.mkdirSync(`${home.path}/.awsvault/state/uses.jsonl`);
      home.write(`.awsvault/state/more/${DEAD}`, "half");
    },
    found: [`warning leftover-files ${STATE}/more`, `warning record-unusable ${STATE}/uses.jsonl`],
    left: [`warning record-unusable ${STATE}/uses.jsonl`],
  },
  {
    what: "the config file is another user's",
    isOfRoot: true,
    plant: (home) => Deno.chownSync(`${home.path}/.aws/config`, 65_534, 65_534),
    found: ["error foreign-owner ~/.aws/config"],
  },
  {
    what: "others can write to the folder of all that aws-vault keeps",
    plant: mode(".awsvault", 0o777),
    found: ["error parent-folder-writable ~/.awsvault"],
  },
  {
    what: "others can write to the home folder",
    plant: (home) => Deno.chmodSync(home.path, 0o775),
    found: ["error parent-folder-writable ~"],
  },
  {
    what: "the folder of the config file is a link through a folder of everybody",
    plant: (home) => {
      Deno.mkdirSync(`${home.path}/shared`);
      Deno.renameSync(`${home.path}/.aws`, `${home.path}/shared/aws`);
      Deno.symlinkSync("shared/aws", `${home.path}/.aws`);
      Deno.chmodSync(`${home.path}/shared`, 0o777);
    },
    found: ["error parent-folder-writable ~/shared"],
  },
  {
    what: "folders are under one where nobody removes what is another's",
    plant: (home) => Deno.chmodSync(home.path, 0o1777),
    found: [],
  },
  {
    what: "the home folder is another user's",
    isOfRoot: true,
    plant: (home) => Deno.chownSync(home.path, 12_345, 12_345),
    found: ["error foreign-owner ~"],
  },
  {
    what: "a folder in the home folder is another user's",
    isOfRoot: true,
    plant: (home) => Deno.chownSync(`${home.path}/.awsvault`, 12_345, 12_345),
    found: ["error foreign-owner ~/.awsvault"],
  },
  {
    what: "a link of another user's leads to the config file",
    isOfRoot: true,
    plant: async (home) => {
      Deno.renameSync(`${home.path}/.aws`, `${home.path}/dot`);
      Deno.symlinkSync("dot", `${home.path}/.aws`);
      await new Deno.Command("chown", { args: ["-h", "12345", `${home.path}/.aws`] }).output();
    },
    found: ["error foreign-link ~/.aws"],
  },
  {
    what: "files among the keys, in the state folder and of the AWS CLI are another user's",
    isOfRoot: true,
    plant: (home) => {
      home.write(".aws/sso/cache/token.json", "{}");
      home.write(`.aws/${DEAD}`, "half");
      const paths = [
        ".awsvault/keys/work",
        ".awsvault/state/uses.jsonl",
        ".aws/sso/cache/token.json",
      ];
      for (const path of paths) Deno.chownSync(`${home.path}/${path}`, 12_345, 12_345);
      Deno.chownSync(`${home.path}/.awsvault/state/locks`, 12_345, 12_345);
    },
    found: [
      "error foreign-files ~/.aws/sso/cache",
      `error foreign-files ${KEYS}`,
      `error foreign-files ${STATE}`,
      `error foreign-owner ${STATE}/locks`,
      "warning leftover-files ~/.aws",
    ],
    left: [
      "error foreign-files ~/.aws/sso/cache",
      `error foreign-files ${KEYS}`,
      `error foreign-files ${STATE}`,
      `error foreign-owner ${STATE}/locks`,
    ],
  },
  {
    what: "killed writes to a password store left journals",
    plant: (home) => {
      const journal = `.awsvault/state/journals/pass-${"0".repeat(64)}.json`;
      for (const end of ["", ".ignored", ".replaced"]) home.write(journal + end, "{}");
      Deno.utimeSync(`${home.path}/${journal}`, 0, 0);
      home.write(`.awsvault/state/journals/pass-${"1".repeat(64)}.json`, "{}");
    },
    found: [
      `note journal-kept ${STATE}/journals/pass-${"0".repeat(64)}.json.ignored`,
      `note journal-kept ${STATE}/journals/pass-${"0".repeat(64)}.json.replaced`,
      `warning journal-unfinished ${STATE}/journals/pass-${"0".repeat(64)}.json`,
    ],
  },
  {
    what: "AWS does not answer",
    plant: env("AWS_ENDPOINT_URL", CLOSED_URL),
    found: ["error endpoint-unreachable <HOST>"],
  },
];

const root = requireService("root", Deno.uid() === 0, "run as root");

for (const { what, isOfRoot, plant, found, left } of FAULTS) {
  Deno.test({
    name: `doctor: ${what}`,
    ...(isOfRoot ? root : NOT_ON_WINDOWS),
    async fn() {
      await using home = await Home.open();
      await addHealth(home);
      assert.deepEqual(await findingsOf(home), { code: 0, found: [] });
      await plant(home);
      const victims = victimsOf(home);
      const code = found.some((line) => !line.startsWith("note")) ? 1 : 0;
      assert.deepEqual(await findingsOf(home), { code, found });
      const after = left ?? found;
      const codeAfter = after.some((line) => !line.startsWith("note")) ? 1 : 0;
      assert.deepEqual(await findingsOf(home, "--fix"), { code: codeAfter, found: after });
      assert.deepEqual(victimsOf(home), victims);
    },
  });
}

/** Files behind a link, which nobody asked to have mended. */
function victimsOf(home: Home): string[] {
  try {
    return [...Deno.readDirSync(`${home.path}/victim`)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}
