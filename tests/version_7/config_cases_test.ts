/**
 * What the tests of aws-vault 7 (ByteNess' fork, `vault/config_test.go`, `vault/configparser`,
 * `vault/config_mfa_process_test.go`) require of a config file, as facts: each row is read here as there, or
 * has the reason why it is not. Commands are in `tests/stories/cases_of_version_7.txt`.
 */

import assert from "node:assert/strict";
import { plainSettings } from "../../src/config/plain_settings.ts";
import {
  openConfig,
  type Profile,
  resolveChain,
  resolveProfile,
} from "../../src/config/profile.ts";
import { addSection } from "../../src/config/edit.ts";
import { VaultError } from "../../src/errors.ts";
import { memoryEnv } from "../fakes/memory_host.ts";

const SETTINGS = ["sso_session", "sso_account_id", "sso_start_url", "credential_process"];

const EXAMPLE = `# an example profile file
[default]
region=us-west-2
output=json

[profile user2]
REGION=us-east-1
output=text

[profile withsource]
source_profile=user2
region=us-east-1

[profile withMFA]
source_profile=user2
Role_Arn=arn:aws:iam::111122223333:role/aws_admin
mfa_Serial=arn:aws:iam::111122223333:mfa/blah
Region=us-east-1
duration_seconds=1200
sts_regional_endpoints=legacy

[profile withendpointurl]
region=us-east-1
endpoint_url=https://localhost:1234

[profile included]
region=us-east-1

[profile includes]
include_profile=included

[profile session]
sso_session = moon-sso
sso_account_id=123456
region = moon-1 # Different from sso region

[sso-session moon-sso]
sso_start_url = https://d-123456789.example.com/start
sso_region = moon-2  # Different from profile region
`;

type Wanted = { readonly [Name in keyof Profile]?: Profile[Name] | undefined };

interface ProfileCase {
  readonly of: string;
  readonly text: string;
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the profile has here. */
  readonly wanted: Wanted;
  /** Why it is not what aws-vault 7 makes of it. */
  readonly differs?: string;
}

const tags = (pairs: Record<string, string>) =>
  Object.entries(pairs).map(([key, value]) => ({ key, value }));
const TAGGED = "[profile tagged]\nsession_tags = tag1 = value1 , tag2=value2 ,tag3=value3\n" +
  "transitive_session_tags = tagOne ,tagTwo,tagThree\n";
const lines = (text: string) => `[profile foo]\n${text}\n`;
const setting = (key: string, value: string, text: string, of: string): ProfileCase => ({
  of,
  text: lines(text),
  name: "foo",
  wanted: key === "region" ? { region: value } : { sourceSettings: { [key]: value } },
});

const CASES: readonly ProfileCase[] = [
  { of: "keys in any case", text: EXAMPLE, name: "user2", wanted: { region: "us-east-1" } },
  {
    of: "names in their case",
    text: EXAMPLE,
    name: "withMFA",
    wanted: {
      region: "us-east-1",
      mfaSerial: "arn:aws:iam::111122223333:mfa/blah",
      roleArn: "arn:aws:iam::111122223333:role/aws_admin",
      roleDurationSeconds: 1200,
      sourceProfile: "user2",
    },
  },
  { of: "a source", text: EXAMPLE, name: "withsource", wanted: { sourceProfile: "user2" } },
  {
    of: "an endpoint",
    text: EXAMPLE,
    name: "withendpointurl",
    wanted: {
      endpoint: { endpointUrl: "https://localhost:1234", useFips: false, useDualstack: false },
    },
  },
  { of: "[default]", text: EXAMPLE, name: "default", wanted: { region: "us-west-2" } },
  {
    of: "a profile that is not there",
    text: EXAMPLE,
    name: "nopenotthere",
    wanted: { isConfigured: false },
  },
  { of: "include_profile", text: EXAMPLE, name: "includes", wanted: { region: "us-east-1" } },
  {
    of: "an sso_session, whose region is not the profile's",
    text: EXAMPLE,
    name: "session",
    wanted: {
      region: "moon-1",
      sourceSettings: { sso_session: "moon-sso", sso_account_id: "123456" },
    },
  },
  {
    of: "[DEFAULT] beside [default]",
    text: "[DEFAULT]\nregion=us-east-1\n[default]\nregion=us-west-2\n",
    name: "default",
    wanted: { region: "us-west-2" },
  },
  {
    of: "a profile that is its own source",
    text: "[profile foo]\nsource_profile=foo\n",
    name: "foo",
    wanted: { sourceProfile: undefined },
  },
  {
    of: "a source that is included, too",
    text: "[profile root]\n[profile foo]\ninclude_profile=root\nsource_profile=root\n",
    name: "foo",
    wanted: { sourceProfile: "root" },
  },
  {
    of: "tags of a file",
    text: TAGGED,
    name: "tagged",
    wanted: {
      sessionTags: tags({ tag1: "value1", tag2: "value2", tag3: "value3" }),
      transitiveTagKeys: ["tagOne", "tagTwo", "tagThree"],
    },
  },
  {
    of: "tags of the environment",
    text: TAGGED,
    name: "tagged",
    env: {
      AWS_SESSION_TAGS: " tagA = val1 , tagB=val2 ,tagC=val3",
      AWS_TRANSITIVE_TAGS: " tagD ,tagE",
    },
    wanted: {
      sessionTags: tags({ tagA: "val1", tagB: "val2", tagC: "val3" }),
      transitiveTagKeys: ["tagD", "tagE"],
    },
  },
  {
    of: "a missing profile does not become [default]'s account",
    text: "[default]\nregion = us-east-1\nsso_account_id = 222222222222\nsso_session = s\n",
    name: "invalid-profile",
    wanted: { isConfigured: false, region: "us-east-1", sourceSettings: {} },
    differs: "settings that say whose credentials a profile gives are never [default]'s",
  },
  setting("region", "us-east-1", "region=us-east-1", "key=value"),
  setting("region", "us-east-1", "region: us-east-1", "key: value"),
  setting("region", "us-east-1", "Region=us-east-1", "a key's case"),
  setting("region", "us-east-1", "region  =  us-east-1  ", "white space"),
  setting("region", "us-east-1", "region = us-east-1 # comment", "a comment with #"),
  setting("region", "us-east-1", "region = us-east-1 ; comment", "a comment with ;"),
  setting("region", "val", "region = val ; first # second", "the earliest comment"),
  {
    ...setting("region", "us-east-1", "region = us-east-1\t#comment", "a comment after a tab"),
    differs: "white space of any kind begins a comment, as a tab is not seen",
  },
  setting("region", "value#with#hashes", 'region = "value#with#hashes"', "a # in quotes"),
  setting("region", "value", 'region = "value" # comment', "a comment after quotes"),
  setting("region", "hello", 'region = "hello"', "double quotes"),
  setting("region", "hello", "region = 'hello'", "single quotes"),
  setting("region", "\"hello'", "region = \"hello'", "quotes that do not match"),
  setting("region", "hello", "region = hello", "no quotes"),
  setting("region", '"', 'region = "', "one quotation mark"),
  setting(
    "credential_process",
    "/usr/bin/aws-vault\nexec prod",
    "credential_process = /usr/bin/aws-vault\n  exec prod",
    "a line that goes on, with blanks",
  ),
  setting(
    "credential_process",
    "/usr/bin/aws-vault\nexec prod",
    "credential_process = /usr/bin/aws-vault\n\texec prod",
    "a line that goes on, with a tab",
  ),
  setting(
    "credential_process",
    "/usr/bin/aws-vault\nexec prod\n--duration=1h",
    "credential_process = /usr/bin/aws-vault\n  exec prod\n  --duration=1h",
    "several lines that go on",
  ),
  setting(
    "credential_process",
    "/usr/bin/aws-vault\nexec foo",
    "credential_process = /usr/bin/aws-vault\n  exec foo\n\n[profile bar]\nregion = eu-west-1",
    "a section that ends a line",
  ),
  setting(
    "region",
    "us-east-1",
    "credential_process = /usr/bin/aws-vault\n  exec foo\nregion = us-east-1",
    "the key behind a line that goes on",
  ),
];

function resolve({ text, name, env = {} }: ProfileCase): Profile {
  return resolveProfile(openConfig(text, "config"), name, {
    env: memoryEnv(env),
    flags: {},
    activeProfile: name,
    sourceSettings: SETTINGS,
  });
}

for (const testCase of CASES) {
  Deno.test(`aws-vault 7 reads ${testCase.of}; ${testCase.differs ?? "so does this version"}`, () => {
    const profile = resolve(testCase);
    const names = Object.keys(testCase.wanted) as (keyof Profile)[];
    const found = Object.fromEntries(names.map((name) => [name, profile[name]]));
    assert.deepEqual(found, testCase.wanted);
  });
}

/** Tags that cannot be read are an error, there and here. */
const BAD_TAGS = ["tag1=value1,", "tagA=valueA,tagB", "tagOne,tagTwo=valueTwo", "a=b,tagII,c=d"];

for (const text of BAD_TAGS) {
  Deno.test(`aws-vault 7 refuses the tags ${text}; so does this version`, () => {
    const bad = { of: "", text: lines(`session_tags = ${text}`), name: "foo", wanted: {} };
    assert.throws(() => resolve(bad), (error) => error instanceof VaultError);
  });
}

/** Keys of tags between commas, empty ones omitted. */
const TRANSITIVE: readonly (readonly [string, readonly string[]])[] = [
  ["tag1", ["tag1"]],
  ["tag2,tag3,tag4", ["tag2", "tag3", "tag4"]],
  [" tagA ,  tagB  ,   tagC   ", ["tagA", "tagB", "tagC"]],
  ["tag1,", ["tag1"]],
  [",tagA", ["tagA"]],
  ["", []],
  [",", []],
];

for (const [text, wanted] of TRANSITIVE) {
  Deno.test(`aws-vault 7 reads the transitive tags "${text}"; so does this version`, () => {
    const all = lines(`transitive_session_tags = ${text}`);
    const profile = resolve({ of: "", text: all, name: "foo", wanted: {} });
    assert.deepEqual(profile.transitiveTagKeys, wanted);
  });
}

Deno.test("aws-vault 7 takes tags of a chain from the file; so does this version", () => {
  const text = "[profile base]\n[profile interim]\nsession_tags=tag1=value1\n" +
    "transitive_session_tags=tag2\nsource_profile = base\n[profile target]\n" +
    "session_tags=tagA=valueA\ntransitive_session_tags=tagB\nsource_profile = interim\n";
  const env = memoryEnv({ AWS_SESSION_TAGS: "tagI=valI", AWS_TRANSITIVE_TAGS: " tagII" });
  const settings = { env, flags: {}, activeProfile: "target", sourceSettings: SETTINGS };
  const chain = resolveChain(openConfig(text, "config"), "target", settings);
  assert.deepEqual(
    chain.map(({ sessionTags, transitiveTagKeys }) => [sessionTags, transitiveTagKeys]),
    [
      [tags({ tagI: "valI" }), ["tagII"]],
      [tags({ tag1: "value1" }), ["tag2"]],
      [[], []],
    ],
  );
});

Deno.test("aws-vault 7 lists profiles without sections of other kinds; so does this version", () => {
  assert.deepEqual(openConfig(EXAMPLE, "config").profileNames(), [
    "default",
    "user2",
    "withsource",
    "withMFA",
    "withendpointurl",
    "included",
    "includes",
    "session",
  ]);
});

Deno.test("aws-vault 7 adds a profile at the end and keeps nested settings; so does this version", () => {
  const nested = "[default]\n\n[profile testing]\naws_access_key_id=foo\nregion=us-west-2\n" +
    "s3=\n  max_concurrent_requests=10\n  max_queue_size=1000\n";
  const added = addSection(nested, "config", { kind: "profile", name: "llamas" }, [
    ["mfa_serial", "testserial"],
    ["region", "us-east-1"],
  ]);
  // Written with blanks around the sign; every other byte stays, which aws-vault 7 does not promise.
  assert.equal(
    added,
    `${nested}\n[profile llamas]\nmfa_serial = testserial\nregion = us-east-1\n`,
  );
  const section = openConfig(added, "config").profile("testing")!;
  assert.deepEqual(
    plainSettings(section).get("s3")!.value,
    new Map([
      ["max_concurrent_requests", "10"],
      ["max_queue_size", "1000"],
    ]),
  );
});
