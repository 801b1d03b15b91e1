import assert from "node:assert/strict";
import { Secret } from "../secret.ts";
import {
  findDuplicates,
  readCredentialsFile,
  removeKeys,
  settingsLeftBehind,
} from "./credentials_file.ts";

const ID = "AKIAIOSFODNN7EXAMPLE";
const ID2 = "AKIAI44QH8DHBEXAMPLE";
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

const FILE = `# my keys
[default]
aws_access_key_id = ${ID}
aws_secret_access_key = ${SECRET}

[my work]  ; the second
    aws_access_key_id=${ID2}
# between
    AWS_SECRET_ACCESS_KEY : ${SECRET} # why
    region = eu-west-1

[temporary]
aws_access_key_id = ASIAIOSFODNN7EXAMPLE
aws_secret_access_key = x
aws_session_token = y
[role]
role_arn = arn:aws:iam::111122223333:role/r
[half]
aws_access_key_id = ${ID}
[odd]
aws_access_key_id = ${SECRET}
aws_secret_access_key = ${SECRET}
`;

Deno.test("readCredentialsFile() gives long-term keys, and says why others are not", () => {
  const { keys, others } = readCredentialsFile(FILE, "f");
  assert.deepEqual(
    keys.map(({ profile, key }) => [profile, key.accessKeyId, key.secretAccessKey.reveal()]),
    [["default", ID, SECRET], ["my work", ID2, SECRET]],
  );
  assert.deepEqual(others, [
    { profile: "temporary", why: "its credentials are temporary", isFailure: false },
    { profile: "half", why: "it has no aws_secret_access_key", isFailure: true },
    { profile: "odd", why: "its access key ID is not valid", isFailure: true },
  ]);
  assert.deepEqual(settingsLeftBehind(FILE, "f", "my work"), ["region"]);
});

Deno.test("readCredentialsFile() takes an empty token for none", () => {
  const text =
    `[a]\naws_access_key_id=${ID}\naws_secret_access_key=${SECRET}\naws_session_token=\n`;
  assert.deepEqual(readCredentialsFile(text, "f").keys.map(({ profile }) => profile), ["a"]);
});

Deno.test("readCredentialsFile() does not guess between several keys of one name", () => {
  const section = (id: string) => `[a]\naws_access_key_id=${id}\naws_secret_access_key=${SECRET}\n`;
  const { keys, others } = readCredentialsFile(section(ID) + section(ID2), "f");
  assert.deepEqual(keys, []);
  assert.deepEqual(others.map(({ why }) => why), ["the file has several keys of this name"]);
  assert.equal(readCredentialsFile(section(ID) + section(ID), "f").keys.length, 1);
});

Deno.test("readCredentialsFile() names the line of a mistake", () => {
  assert.throws(() => readCredentialsFile("[a]\nwhat is this\n", "f"), {
    code: "bad-config",
    message: /^Cannot read f:2: /,
  });
});

Deno.test("removeKeys() takes the two lines of each key and keeps every other byte", () => {
  const { keys } = readCredentialsFile(FILE, "f");
  const expected = FILE.split("\n").filter((_, at) => ![2, 3, 6, 8].includes(at)).join("\n");
  assert.equal(removeKeys(FILE, "f", keys), expected);
  const windows = FILE.replaceAll("\n", "\r\n");
  assert.equal(removeKeys(windows, "f", keys), expected.replaceAll("\n", "\r\n"));
});

Deno.test("removeKeys() leaves a key that is not the one that was stored", () => {
  const { keys } = readCredentialsFile(FILE, "f");
  const changed = FILE.replace(ID, "AKIAIOSFODNN7CHANGED");
  const expected = changed.split("\n").filter((_, at) => ![6, 8].includes(at)).join("\n");
  assert.equal(removeKeys(changed, "f", keys), expected);
});

Deno.test("findDuplicates() names profiles of one key", () => {
  const key = { accessKeyId: ID, secretAccessKey: new Secret(SECRET) };
  assert.deepEqual(findDuplicates([{ profile: "a", key }, { profile: "b", key }]), [
    `Profiles "a" and "b" have the same key ${ID}`,
  ]);
  assert.deepEqual(findDuplicates([{ profile: "a", key }]), []);
});

Deno.test("a section [profile x] is the profile x, as in the config file", () => {
  const section = (header: string, id = ID) =>
    `[${header}]\naws_access_key_id=${id}\naws_secret_access_key=${SECRET}\nregion = r\n`;
  const text = section("profile x") + section('profile "my x"') + section("profiles y");
  const { keys } = readCredentialsFile(text, "f");
  assert.deepEqual(keys.map(({ profile }) => profile), ["x", "my x", "profiles y"]);
  assert.equal(
    removeKeys(text, "f", keys),
    '[profile x]\nregion = r\n[profile "my x"]\nregion = r\n[profiles y]\nregion = r\n',
  );
  assert.deepEqual(settingsLeftBehind(text, "f", "my x"), ["region"]);
  assert.deepEqual(readCredentialsFile(section("x", ID2) + section("profile x"), "f"), {
    keys: [],
    others: [{
      profile: "x",
      why: "the file has several keys of this name",
      isFailure: true,
    }],
  });
});
