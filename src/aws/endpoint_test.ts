import assert from "node:assert/strict";
import { VaultError } from "../errors.ts";
import { type EndpointSettings, resolveEndpoint } from "./endpoint.ts";
import { partitionOfArn } from "./partitions.ts";

function hostOf(service: "sts" | "iam", settings: EndpointSettings): string {
  const { url, signingRegion, isLegacyGlobal } = resolveEndpoint(service, settings);
  return `${url} ${signingRegion}${isLegacyGlobal ? " global" : ""}`;
}

for (
  const [settings, expected] of [
    [{}, "https://sts.amazonaws.com/ us-east-1 global"],
    [{ region: "us-east-1" }, "https://sts.us-east-1.amazonaws.com/ us-east-1"],
    [{ useFips: true }, "https://sts-fips.us-east-1.amazonaws.com/ us-east-1"],
    [
      { region: "eu-west-1", stsRegionalEndpoints: "legacy" },
      "https://sts.amazonaws.com/ us-east-1 global",
    ],
    [
      { region: "eu-south-1", stsRegionalEndpoints: "legacy" },
      "https://sts.eu-south-1.amazonaws.com/ eu-south-1",
    ],
    [
      { region: "eu-west-1", stsRegionalEndpoints: "Regional" },
      "https://sts.eu-west-1.amazonaws.com/ eu-west-1",
    ],
    [
      { region: "eu-west-1", endpointUrl: "http://localhost:4566" },
      "http://localhost:4566/ eu-west-1",
    ],
    [{ endpointUrl: "https://aws.example/sts" }, "https://aws.example/sts us-east-1"],
  ] as [EndpointSettings, string][]
) {
  Deno.test(`resolveEndpoint() of STS with ${JSON.stringify(settings)} is ${expected}`, () => {
    assert.equal(hostOf("sts", settings), expected);
  });
}

for (
  const [settings, message] of [
    [
      { endpointUrl: "https://aws.example/", useFips: true },
      'Cannot use the FIPS endpoint of sts: the endpoint is set to "https://aws.example/"',
    ],
    [
      { endpointUrl: "https://aws.example/", useDualstack: true },
      'Cannot use the dual-stack endpoint of sts: the endpoint is set to "https://aws.example/"',
    ],
    [{ endpointUrl: "localhost:4566" }, 'Cannot use "localhost:4566" as the endpoint of sts'],
    [{ endpointUrl: "file:///etc" }, 'Cannot use "file:///etc" as the endpoint of sts'],
    [
      { stsRegionalEndpoints: "global" },
      'Cannot choose an STS endpoint: sts_regional_endpoints is "global"',
    ],
    [{ region: "evil.example/#" }, 'Cannot choose an endpoint: "evil.example/#" is not a region'],
    [{ region: "" }, 'Cannot choose an endpoint: "" is not a region'],
  ] as [EndpointSettings, string][]
) {
  Deno.test(`resolveEndpoint() refuses: ${message}`, () => {
    assert.throws(() => resolveEndpoint("sts", settings), (error) => {
      assert(error instanceof VaultError);
      assert.deepEqual([error.code, error.message, error.hints.length], ["bad-config", message, 1]);
      return true;
    });
  });
}

Deno.test("partitionOfArn() reads the partition of an ARN", () => {
  const ids = ["arn:aws-us-gov:iam::1:role/r", "arn:aws:iam::1:role/r", "arn:no:iam::1:x", "role"]
    .map((arn) => partitionOfArn(arn)?.id);
  assert.deepEqual(ids, ["aws-us-gov", "aws", undefined, undefined]);
});
