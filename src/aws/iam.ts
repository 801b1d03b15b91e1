import type { LongTermKey } from "../credentials.ts";
import { Secret } from "../secret.ts";
import { quote } from "../text.ts";
import { NetworkError } from "./network_error.ts";
import { type AwsCaller, callQuery, type QueryValue } from "./query.ts";
import { requiredText } from "./required_text.ts";
import type { AwsDeps, Retry } from "./send.ts";
import type { XmlElement } from "./xml.ts";

const VERSION = "2010-05-08";

/** Real lists are far shorter: a service that always answers "more" would block forever. */
const MAX_PAGES = 100;

/** The two states that an access key can be set to. */
export type AccessKeyStatus = "Active" | "Inactive";

/** What IAM shows of an access key; its secret is shown only when it is created. */
export interface AccessKeyInfo {
  readonly userName: string;
  readonly accessKeyId: string;
  /** `Active` or `Inactive`, or a state that AWS adds later. */
  readonly status: string;
  /** By AWS's clock. */
  readonly created: Temporal.Instant | undefined;
}

/** A new access key. Its secret is shown only now. */
export interface CreatedAccessKey extends LongTermKey {
  readonly userName: string;
  readonly created: Temporal.Instant | undefined;
}

/**
 * Creates an access key for a user, the caller by default; the user may already have one.
 *
 * Sent again only if AWS surely did not act: each try that takes effect creates a key. If the
 * answer was lost, {@linkcode mayHaveActed} of the error is true.
 */
export async function createAccessKey(
  deps: AwsDeps,
  caller: AwsCaller,
  userName?: string,
): Promise<CreatedAccessKey> {
  const result = await callIam(
    deps,
    caller,
    "CreateAccessKey",
    { UserName: userName },
    userName === undefined ? undefined : `user ${quote(userName)}`,
    "only-if-unprocessed",
  );
  const read = (name: string) => requiredText("CreateAccessKey", result, "AccessKey", name);
  return {
    userName: result.text("AccessKey", "UserName") ?? "",
    accessKeyId: read("AccessKeyId"),
    secretAccessKey: new Secret(read("SecretAccessKey")),
    created: readInstant(result.text("AccessKey", "CreateDate")),
  };
}

/** Makes a key active or inactive. Harmless when repeated. */
export async function updateAccessKey(
  deps: AwsDeps,
  caller: AwsCaller,
  request: { accessKeyId: string; status: AccessKeyStatus; userName?: string | undefined },
): Promise<void> {
  await callIam(deps, caller, "UpdateAccessKey", {
    AccessKeyId: request.accessKeyId,
    Status: request.status,
    UserName: request.userName,
  }, `key ${quote(request.accessKeyId)}`);
}

/** Deletes a key. Refused with `NoSuchEntity` if it is gone, which a repeated try can meet. */
export async function deleteAccessKey(
  deps: AwsDeps,
  caller: AwsCaller,
  request: { accessKeyId: string; userName?: string | undefined },
): Promise<void> {
  await callIam(deps, caller, "DeleteAccessKey", {
    AccessKeyId: request.accessKeyId,
    UserName: request.userName,
  }, `key ${quote(request.accessKeyId)}`);
}

/** All access keys of a user, the caller by default. */
export async function listAccessKeys(
  deps: AwsDeps,
  caller: AwsCaller,
  userName?: string,
): Promise<AccessKeyInfo[]> {
  const members = await callPaged(deps, caller, "ListAccessKeys", { UserName: userName }, [
    "AccessKeyMetadata",
  ]);
  return members.map((member) => ({
    userName: member.text("UserName") ?? "",
    accessKeyId: requiredText("ListAccessKeys", member, "AccessKeyId"),
    status: member.text("Status") ?? "",
    created: readInstant(member.text("CreateDate")),
  }));
}

/** When and for which service a key was last used, by AWS's records, which lag by hours. */
export interface AccessKeyLastUse {
  readonly userName: string;
  /** Absent: never used, or not since AWS keeps records (April 2015). */
  readonly lastUsed: Temporal.Instant | undefined;
  /** `N/A` if the key was never used. */
  readonly service: string;
  readonly region: string;
}

/** Gets when a key was last used. */
export async function getAccessKeyLastUsed(
  deps: AwsDeps,
  caller: AwsCaller,
  accessKeyId: string,
): Promise<AccessKeyLastUse> {
  const result = await callIam(
    deps,
    caller,
    "GetAccessKeyLastUsed",
    { AccessKeyId: accessKeyId },
    `key ${quote(accessKeyId)}`,
  );
  return {
    userName: result.text("UserName") ?? "",
    lastUsed: readInstant(result.text("AccessKeyLastUsed", "LastUsedDate")),
    service: result.text("AccessKeyLastUsed", "ServiceName") ?? "N/A",
    region: result.text("AccessKeyLastUsed", "Region") ?? "N/A",
  };
}

/** An MFA device that is enabled for a user. */
export interface MfaDevice {
  readonly userName: string;
  /** The ARN of a virtual device, or the serial number of a hardware device. */
  readonly serialNumber: string;
  readonly enabled: Temporal.Instant | undefined;
}

/** The MFA devices of a user, the caller by default. */
export async function listMfaDevices(
  deps: AwsDeps,
  caller: AwsCaller,
  userName?: string,
): Promise<MfaDevice[]> {
  const members = await callPaged(deps, caller, "ListMFADevices", { UserName: userName }, [
    "MFADevices",
  ]);
  return members.map((member) => ({
    userName: member.text("UserName") ?? "",
    serialNumber: requiredText("ListMFADevices", member, "SerialNumber"),
    enabled: readInstant(member.text("EnableDate")),
  }));
}

/** The aliases of the caller's account; AWS allows one at present. */
export async function listAccountAliases(deps: AwsDeps, caller: AwsCaller): Promise<string[]> {
  const members = await callPaged(deps, caller, "ListAccountAliases", {}, ["AccountAliases"]);
  return members.map((member) => member.text() ?? "").filter((alias) => alias !== "");
}

async function callPaged(
  deps: AwsDeps,
  caller: AwsCaller,
  action: string,
  params: Record<string, QueryValue>,
  list: readonly string[],
): Promise<XmlElement[]> {
  const all: XmlElement[] = [];
  let marker: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const result = await callIam(deps, caller, action, { ...params, Marker: marker });
    all.push(...result.members(...list));
    marker = result.text("IsTruncated") === "true" ? result.text("Marker") : undefined;
    if (marker === undefined || marker === "") return all;
  }
  throw new NetworkError(`Cannot read AWS's answer to ${action}: the list never ends`, false);
}

/** One call to IAM; `subject` names what the call is about, for errors. */
export function callIam(
  deps: AwsDeps,
  caller: AwsCaller,
  action: string,
  params: Record<string, QueryValue>,
  subject?: string,
  retry: Retry = "always",
): Promise<XmlElement> {
  return callQuery(deps, { ...caller, action, version: VERSION, params, subject, retry });
}

function readInstant(text: string | undefined): Temporal.Instant | undefined {
  if (text === undefined) return undefined;
  try {
    return Temporal.Instant.from(text);
  } catch {
    return undefined;
  }
}
