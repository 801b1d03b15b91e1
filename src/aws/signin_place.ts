import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { resolvePartition } from "./partitions.ts";

/** The addresses of the service in a region, without a slash at their end. */
export interface SigninPlace {
  readonly region: string;
  readonly url: string;
  /** Where tokens are revoked. */
  readonly oauthUrl: string;
}

const HOSTS: Readonly<Record<string, string>> = {
  aws: "signin.aws.amazon.com",
  "aws-cn": "signin.amazonaws.cn",
  "aws-us-gov": "signin.amazonaws-us-gov.com",
  "aws-eusc": "signin.amazonaws-eusc.eu",
};

/** Where people of a region sign in; throws `bad-config` for what is not one, and `unsupported` for a partition without. */
export function resolveSignin(region: string, endpointUrl: string | undefined): SigninPlace {
  const custom = endpointUrl?.replace(/\/+$/, "");
  if (custom !== undefined) return { region, url: custom, oauthUrl: custom };
  const partition = resolvePartition(region);
  if (!partition.regionPattern.test(region)) {
    throw new VaultError("bad-config", `Cannot sign in: ${quote(region)} is not a region`);
  }
  const host = HOSTS[partition.id];
  if (host === undefined) {
    throw new VaultError("unsupported", `Cannot sign in: region ${quote(region)} has no sign-in`);
  }
  return {
    region,
    url: `https://${region}.${host}`,
    oauthUrl: `https://${region}.oauth.signin.aws`,
  };
}
