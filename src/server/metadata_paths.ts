/**
 * The resources at the paths of the metadata service that SDKs request (EC2 User Guide, "Instance
 * metadata categories"; docs/formats.md, "Instance metadata service").
 */

import type { Credentials } from "../credentials.ts";
import type { Clock } from "../host.ts";
import { formatEnd, formatInstant } from "./answer.ts";

/** The properties that the machine claims to have. */
export interface Machine {
  readonly region: string | undefined;
  readonly clock: Pick<Clock, "now">;
}

/** Text or the members of a JSON object; `undefined` if the machine has no such resource. */
export type Content = string | Readonly<Record<string, unknown>> | undefined;

/** The resource at a path. */
export type Resource =
  | { readonly needs: "machine"; readonly render: (machine: Machine) => Content }
  | {
    readonly needs: "credentials";
    readonly render: (machine: Machine, credentials: Credentials) => Content;
  };

/** The name of the role: one line, which SDKs append to the path unchanged. */
const ROLE = "aws-vault";

/** An instance ID that no instance has. */
const INSTANCE_ID = `i-${"0".repeat(17)}`;

const IAM = "/latest/meta-data/iam";

/** The resources by path, without the slash at the end. */
const RESOURCES: Readonly<Record<string, Resource>> = {
  [`${IAM}/security-credentials`]: { needs: "machine", render: () => ROLE },
  [`${IAM}/security-credentials/${ROLE}`]: { needs: "credentials", render: renderCredentials },
  // The newer SDKs for Java, Ruby and PHP get the account ID from here.
  [`${IAM}/security-credentials-extended`]: { needs: "machine", render: () => ROLE },
  [`${IAM}/security-credentials-extended/${ROLE}`]: {
    needs: "credentials",
    render: (machine, credentials) => ({
      ...renderCredentials(machine, credentials),
      ...credentials.accountId !== undefined && { AccountId: credentials.accountId },
    }),
  },
  [`${IAM}/info`]: { needs: "credentials", render: renderInfo },
  "/latest/meta-data/instance-id": { needs: "machine", render: () => INSTANCE_ID },
  "/latest/meta-data/placement/region": { needs: "machine", render: ({ region }) => region },
  "/latest/meta-data/placement/availability-zone": { needs: "machine", render: zoneOf },
  "/latest/dynamic/instance-identity/document": {
    needs: "machine",
    render: ({ region }) =>
      region === undefined ? undefined : {
        version: "2017-09-30",
        instanceId: INSTANCE_ID,
        region,
        availabilityZone: zoneOf({ region }),
      },
  },
};

/** The resource at a path without a slash at its end; `undefined` if there is none. */
export function findResource(path: string): Resource | undefined {
  return Object.hasOwn(RESOURCES, path) ? RESOURCES[path] : undefined;
}

function zoneOf({ region }: Pick<Machine, "region">): string | undefined {
  return region && `${region}a`;
}

function renderCredentials({ clock }: Machine, credentials: Credentials) {
  return {
    Code: "Success",
    LastUpdated: formatInstant(clock.now()),
    Type: "AWS-HMAC",
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey.reveal(),
    Token: credentials.sessionToken?.reveal() ?? "",
    Expiration: formatEnd(credentials, clock),
  };
}

/** Requested by the SDK for .NET, which only reads `Code`. */
function renderInfo({ clock }: Machine, { accountId = "000000000000" }: Credentials) {
  return {
    Code: "Success",
    LastUpdated: formatInstant(clock.now()),
    InstanceProfileArn: `arn:aws:iam::${accountId}:instance-profile/${ROLE}`,
    InstanceProfileId: `AIPA${"0".repeat(17)}`,
  };
}
