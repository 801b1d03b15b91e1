import assert from "node:assert/strict";
import { readIssuedCredentials } from "./issued_credentials.ts";
import { parseXml } from "./xml.ts";

const NOW = Temporal.Instant.from("2026-03-01T12:00:00Z");

async function read(parts: Record<string, string>) {
  const whole = {
    AccessKeyId: "ASIAEXAMPLE",
    SecretAccessKey: "s3+/=",
    SessionToken: "tok+/=",
    Expiration: "2026-03-01T13:00:00Z",
    ...parts,
  };
  const xml = Object.entries(whole).map(([name, text]) => `<${name}>${text}</${name}>`).join("");
  const result = await parseXml(`<R><Credentials>${xml}</Credentials></R>`);
  const request = { action: "AssumeRole", durationSeconds: 3600, now: NOW };
  return readIssuedCredentials(request, result!, "arn:aws:sts::123456789012:assumed-role/r/n");
}

const expiration = async (text: string) =>
  (await read({ Expiration: text })).expiration?.toString();

Deno.test("readIssuedCredentials() cuts an expiration that is beyond what was asked for", async () => {
  assert.equal(await expiration("2026-03-01T13:05:00Z"), "2026-03-01T13:05:00Z");
  assert.equal(await expiration("2026-03-01T13:05:01Z"), "2026-03-01T13:00:00Z");
  assert.equal(await expiration("9999-01-01T00:00:00Z"), "2026-03-01T13:00:00Z");
  assert.equal(await expiration("2026-03-01T12:00:01Z"), "2026-03-01T12:00:01Z");
});

Deno.test("readIssuedCredentials() refuses what cannot be credentials, and quotes no secret", async () => {
  const cases: [Record<string, string>, string][] = [
    [{ Expiration: "2026-03-01T12:00:00Z" }, "its credentials expired at 2026-03-01T12:00:00Z"],
    [{ Expiration: "soon" }, '"soon" is not a time'],
    [{ SessionToken: "" }, "it has no SessionToken"],
    [{ SessionToken: "a&#10;b" }, "its SessionToken has invalid characters"],
    [{ SecretAccessKey: "a&#127;b" }, "its SecretAccessKey has invalid characters"],
    [{ SecretAccessKey: "sécret" }, "its SecretAccessKey has invalid characters"],
    [{ AccessKeyId: "A&#27;[2J" }, "its AccessKeyId has invalid characters"],
    [{ AccessKeyId: "$(touch x)" }, "its AccessKeyId has invalid characters"],
  ];
  for (const [parts, problem] of cases) {
    await assert.rejects(read(parts), {
      code: "network",
      message: `Cannot read AWS's answer to AssumeRole: ${problem}`,
    });
  }
});
