import assert from "node:assert/strict";
import { resolveEndpoint } from "../../src/aws/endpoint.ts";
import { PARTITIONS, resolvePartition } from "../../src/aws/partitions.ts";
import { askBotocore, requireBotocore } from "./botocore.ts";

const service = requireBotocore();

/** botocore's endpoint rules for every region it knows and some that it does not. */
const RULES = `
import itertools, json, sys
from botocore.endpoint_provider import EndpointProvider
from botocore.loaders import Loader
loader = Loader()
partitions = loader.load_data("partitions")
regions = [r for p in partitions["partitions"] for r in p["regions"]] + json.load(sys.stdin)
rows = []
for service in ("sts", "iam"):
    provider = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)
    for region, fips, dualstack, legacy in itertools.product(regions, *[[False, True]] * 3):
        params = {"Region": region, "UseFIPS": fips, "UseDualStack": dualstack}
        if service == "sts":
            params["UseGlobalEndpoint"] = legacy
        endpoint = provider.resolve_endpoint(**params)
        schemes = (endpoint.properties or {}).get("authSchemes") or [{}]
        rows.append({
            "service": service, "region": region, "fips": fips, "dualstack": dualstack, "legacy": legacy,
            "url": endpoint.url, "signingRegion": schemes[0].get("signingRegion", region),
        })
json.dump(rows, sys.stdout)
`;

interface RuleRow {
  readonly service: "sts" | "iam";
  readonly region: string;
  readonly fips: boolean;
  readonly dualstack: boolean;
  readonly legacy: boolean;
  readonly url: string;
  readonly signingRegion: string;
}

/** The regions of tomorrow, and names that fit no partition. */
const UNKNOWN = ["us-north-9", "cn-east-7", "us-gov-north-3", "eusc-de-west-2", "xx-nowhere-1"];

Deno.test("resolveEndpoint() agrees with botocore's rules for every region and variant", {
  ...service,
}, async () => {
  const rows = await askBotocore(RULES, UNKNOWN) as RuleRow[];
  assert(rows.length > 600, `only ${rows.length} rows`);
  const ours = rows.map((row) => {
    const endpoint = resolveEndpoint(row.service, {
      region: row.region,
      useFips: row.fips,
      useDualstack: row.dualstack,
      stsRegionalEndpoints: row.legacy ? "legacy" : "regional",
    });
    return {
      ...row,
      url: endpoint.url.replace(/\/$/, ""),
      signingRegion: endpoint.signingRegion,
    };
  });
  assert.deepEqual(ours, rows);
});

const PARTITION_TABLE = `
import json, sys
from botocore.loaders import Loader
json.dump([
    {"id": p["id"], "pattern": p["regionRegex"], "regions": list(p["regions"]), **p["outputs"]}
    for p in Loader().load_data("partitions")["partitions"]
], sys.stdout)
`;

Deno.test("PARTITIONS is botocore's table", { ...service }, async () => {
  const theirs = await askBotocore(PARTITION_TABLE, null) as Record<string, string>[];
  const render = (rows: unknown[][]) => rows.map((row) => row.join(" ")).toSorted();
  assert.deepEqual(
    render(PARTITIONS.map((partition) => [
      partition.id,
      partition.regionPattern.source,
      partition.dnsSuffix,
      partition.dualStackDnsSuffix,
      partition.globalRegion,
    ])),
    render(theirs.map((partition) => [
      partition["id"],
      partition["pattern"]?.replaceAll("\\-", "-"),
      partition["dnsSuffix"],
      partition["dualStackDnsSuffix"],
      partition["implicitGlobalRegion"],
    ])),
  );
  for (const partition of theirs) {
    for (const region of partition["regions"] ?? []) {
      assert.equal(resolvePartition(region).id, partition["id"], region);
    }
  }
});

/** What a client of botocore signs for when the endpoint is the person's own. */
const CUSTOM = `
import json, sys
import botocore.session
class Stop(Exception): pass
rows = []
for service, region in json.load(sys.stdin):
    session = botocore.session.Session()
    session.set_credentials("AKIAEXAMPLE", "secret")
    client = session.create_client(service, region_name=region, endpoint_url="https://aws.example:8443/x")
    def stop(request, **_):
        rows.append([service, region, request.url, request.headers["Authorization"].decode().split("/")[2:4]])
        raise Stop
    client.meta.events.register("before-send", stop)
    try:
        client.get_caller_identity() if service == "sts" else client.get_user()
    except Stop: pass
json.dump(rows, sys.stdout)
`;

Deno.test("resolveEndpoint() signs for a custom endpoint as botocore does", {
  ...service,
}, async () => {
  const cases = ["sts", "iam"].flatMap((name) =>
    ["us-east-1", "eu-west-3", "cn-northwest-1", "us-gov-east-1", "us-isob-west-1"]
      .map((region) => [name, region])
  ) as ["sts" | "iam", string][];
  const theirs = await askBotocore(CUSTOM, cases) as unknown[];
  const ours = cases.map(([name, region]) => {
    const endpoint = resolveEndpoint(name, { region, endpointUrl: "https://aws.example:8443/x" });
    return [name, region, endpoint.url, [endpoint.signingRegion, endpoint.signingService]];
  });
  assert.deepEqual(ours, theirs);
});
