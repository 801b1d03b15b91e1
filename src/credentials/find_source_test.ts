import assert from "node:assert/strict";
import { memoryHost } from "../../tests/fakes/memory_host.ts";
import { openConfig, resolveChain } from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import { findSource } from "./find_source.ts";
import { sourceSettings } from "./source.ts";
import { SOURCES } from "./sources/mod.ts";

/** Where the chain of the profile `a` starts, as `kind profile`; or the code of the error. */
async function start(config: string, keys: readonly string[] = []): Promise<string> {
  const chain = resolveChain(openConfig(config, "/config"), "a", {
    env: { get: () => undefined, all: () => ({}) },
    flags: {},
    activeProfile: "a",
    sourceSettings: sourceSettings(SOURCES),
  });
  const deps = {
    hasKey: (name: string) => Promise.resolve(keys.includes(name)),
    host: memoryHost(),
  };
  try {
    const { row, profile } = await findSource(chain, SOURCES, deps);
    return `${row.kind} ${profile.name}`;
  } catch (error) {
    assert(error instanceof VaultError);
    return error.code;
  }
}

const section = (name: string, ...lines: string[]) =>
  [`[profile ${name}]`, ...lines, ""].join("\n");
const role = "role_arn = arn:aws:iam::111111111111:role/r";
const fromB = "source_profile = b";
const program = "credential_process = /bin/p";
const token = "web_identity_token_file = /token";
const metadata = "credential_source = Ec2InstanceMetadata";
const sso = "sso_start_url = https://x.example/start\nsso_region = us-east-1";

Deno.test("findSource() takes the stored key nearest to the profile asked for", async () => {
  const chain = section("a", role, fromB) + section("b", role, "source_profile = c") + section("c");
  assert.equal(await start(chain, ["a", "b", "c"]), "stored-key a");
  assert.equal(await start(chain, ["b", "c"]), "stored-key b");
  assert.equal(await start(chain, ["c"]), "stored-key c");
});

Deno.test("findSource() takes another source only where no source_profile leads further", async () => {
  assert.equal(await start(section("a", program, fromB) + section("b"), ["b"]), "stored-key b");
  assert.equal(
    await start(section("a", role, fromB) + section("b", program)),
    "credential_process b",
  );
  assert.equal(await start(section("a", token, role, program)), "AssumeRoleWithWebIdentity a");
  assert.equal(await start(section("a", program), ["a"]), "stored-key a");
});

Deno.test("findSource() does not take a line that runs this program for the same profile", async () => {
  const own = "credential_process = aws-vault export --format=json a";
  assert.equal(await start(section("a", own)), "no-credentials");
  assert.equal(await start(section("a", own), ["a"]), "stored-key a");
});

Deno.test("findSource() passes over credential_source where it is not needed", async () => {
  assert.equal(await start(section("a", role, metadata), ["a"]), "stored-key a");
  assert.equal(
    await start(section("a", role, metadata, fromB) + section("b"), ["b"]),
    "stored-key b",
  );
  assert.equal(await start(section("default", metadata) + section("a")), "no-credentials");
});

Deno.test("findSource() finds credential_source at the end of a chain, before a program, as botocore", async () => {
  assert.equal(await start(section("a", role, metadata, program)), "credential_source a");
  const chain = section("a", role, fromB) + section("b", role, metadata);
  assert.equal(await start(chain), "credential_source b");
});

Deno.test("findSource() says what is wrong with the settings of a source", async () => {
  assert.equal(await start(section("a", token)), "bad-config");
  assert.equal(await start(section("a", sso)), "bad-config");
  assert.equal(await start(section("a", "login_session = x")), "bad-config");
  assert.equal(await start(section("a", role, "credential_source = environment")), "bad-config");
});

Deno.test("findSource() distinguishes a missing profile from a missing key", async () => {
  assert.equal(await start(section("other")), "no-profile");
  assert.equal(await start(section("a", role, fromB) + section("b")), "no-credentials");
});
