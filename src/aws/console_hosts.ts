/** Hosts of each partition's console and sign-in page (AWS's endpoint rules of `signin`; IAM User Guide, "custom identity broker"). */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { PARTITIONS, resolvePartition } from "./partitions.ts";

/** The hosts of a region's console, without `https://`. */
export interface ConsoleHosts {
  readonly region: string;
  readonly signIn: string;
  readonly console: string;
  /** Whether signing out can redirect to an address: GovCloud's page does not. */
  readonly signOutLeadsOn: boolean;
}

interface PartitionHosts {
  readonly signIn: string;
  readonly console: string;
  /** The region whose hosts have no prefix, if any. */
  readonly plainRegion?: string;
  readonly signOutEnds?: boolean;
}

const HOSTS: Readonly<Record<string, PartitionHosts>> = {
  aws: {
    signIn: "signin.aws.amazon.com",
    console: "console.aws.amazon.com",
    plainRegion: "us-east-1",
  },
  "aws-cn": {
    signIn: "signin.amazonaws.cn",
    console: "console.amazonaws.cn",
    plainRegion: "cn-north-1",
  },
  "aws-us-gov": {
    signIn: "signin.amazonaws-us-gov.com",
    console: "console.amazonaws-us-gov.com",
    plainRegion: "us-gov-west-1",
    signOutEnds: true,
  },
  "aws-eusc": { signIn: "signin.amazonaws-eusc.eu", console: "console.amazonaws-eusc.eu" },
  "aws-iso": { signIn: "signin.c2shome.ic.gov", console: "console.c2shome.ic.gov" },
  "aws-iso-b": { signIn: "signin.sc2shome.sgov.gov", console: "console.sc2shome.sgov.gov" },
  "aws-iso-e": { signIn: "signin.csphome.adc-e.uk", console: "console.csphome.adc-e.uk" },
  "aws-iso-f": { signIn: "signin.csphome.hci.ic.gov", console: "console.csphome.hci.ic.gov" },
};

/** The hosts for a region, by default those of us-east-1. */
export function consoleHosts(region = "us-east-1"): ConsoleHosts {
  const { id } = resolvePartition(region);
  const hosts = HOSTS[id]!;
  const prefix = region === hosts.plainRegion ? "" : `${region}.`;
  return {
    region,
    signIn: prefix + hosts.signIn,
    console: prefix + hosts.console,
    signOutLeadsOn: hosts.signOutEnds !== true,
  };
}

/** Whether a host is an AWS console, in any region, account or partition. */
function isConsole(host: string): boolean {
  return PARTITIONS.some(({ id }) => {
    const console = HOSTS[id]?.console;
    return console !== undefined && (host === console || host.endsWith(`.${console}`));
  });
}

/**
 * Whether an address belongs to a console with multi-session support: each session has its own host,
 * `111122223333-abcd1234.eu-west-1.console.aws.amazon.com`. Signing out first answers with 400 there.
 */
export function isOfSeveralSessions(address: string): boolean {
  const host = URL.parse(address)?.hostname ?? "";
  return /^\d{12}-[a-z0-9]+\./.test(host) && isConsole(host);
}

/**
 * The requested page of the console: a path, a service's name, or an address copied from a browser. Only
 * the path of such an address counts, since its host may belong to another account.
 *
 * Throws `bad-usage` for an address on another host: it would receive the person with a fresh sign-in.
 */
export function destination(
  { console, region }: ConsoleHosts,
  { path, service }: { path?: string | undefined; service?: string | undefined },
): string {
  const page = new URL(`https://${console}/console/home`);
  page.searchParams.set("region", region);
  if (service !== undefined && path !== undefined) {
    throw new VaultError(
      "bad-usage",
      "Cannot use --service with --path: each of them names the page",
      {
        hints: ["Use one of them"],
      },
    );
  }
  if (service !== undefined) return servicePage(page, service);
  if (path === undefined || path === "") return page.href;
  const asked = URL.parse(path) ?? undefined;
  if (asked !== undefined && asked.protocol !== "https:" || asked && !isConsole(asked.hostname)) {
    throw notOfConsole(path);
  }
  const rest = asked === undefined ? path : asked.pathname + asked.search + asked.hash;
  // Two slashes of either kind start a host, even with a tab or line break between them (WHATWG URL).
  const place = URL.parse(rest.replace(/^[/\\]*/, "/"), page);
  if (place?.origin !== page.origin) throw notOfConsole(path);
  return place.href;
}

function notOfConsole(path: string): VaultError {
  return new VaultError(
    "bad-usage",
    `Cannot open ${quote(path)}: it is not an address of the AWS console`,
    { hints: ["Give only the path, such as /ec2/home, or an address of the console"] },
  );
}

/** `ec2`: the start page of a service. */
function servicePage(home: URL, service: string): string {
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(service)) {
    throw new VaultError("bad-usage", `Cannot understand --service ${quote(service)}`, {
      hints: ["Write it as in the console's addresses, such as ec2 or s3"],
    });
  }
  const page = new URL(`/${service}/home`, home);
  page.search = home.search;
  return page.href;
}
