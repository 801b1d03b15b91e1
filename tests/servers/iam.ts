/** Identity and Access Management, version 2010-05-08: what `rotate` and the hints need. */

import type { Action, ActionCall } from "./action.ts";
import type { ParameterRules } from "./parameters.ts";
import { checkPermission, permittedUser } from "./iam_permission.ts";
import { IAM_MFA_ACTIONS } from "./iam_mfa.ts";
import { invalid, Refusal } from "./refusal.ts";
import type { AccessKey, User } from "./users.ts";
import { renderInstant, type XmlElements } from "./xml.ts";

const USER_NAME: ParameterRules = { UserName: { length: [1, 128], pattern: /^[\w+=,.@-]+$/ } };
const KEY_ID: ParameterRules = {
  AccessKeyId: { required: true, length: [16, 128], pattern: /^[\w]+$/ },
};
const PAGE: ParameterRules = {
  Marker: { length: [1, 320] },
  MaxItems: { range: [1, 1000] },
};

export const IAM_ACTIONS: Readonly<Record<string, Action>> = {
  CreateAccessKey: { rules: USER_NAME, run: createAccessKey },
  UpdateAccessKey: {
    rules: { ...USER_NAME, ...KEY_ID, Status: { required: true, oneOf: ["Active", "Inactive"] } },
    run: updateAccessKey,
  },
  DeleteAccessKey: { rules: { ...USER_NAME, ...KEY_ID }, run: deleteAccessKey },
  ListAccessKeys: { rules: { ...USER_NAME, ...PAGE }, run: listAccessKeys },
  GetAccessKeyLastUsed: { rules: KEY_ID, run: getAccessKeyLastUsed },
  GetUser: { rules: USER_NAME, run: getUser },
  ListAccountAliases: { rules: PAGE, run: listAccountAliases },
  ...IAM_MFA_ACTIONS,
  ListMFADevices: { rules: { ...USER_NAME, ...PAGE }, run: listMfaDevices },
};

function createAccessKey(call: ActionCall): XmlElements {
  const user = permittedUser(call, "CreateAccessKey");
  if (user.keys.length >= call.world.keysPerUser) {
    throw new Refusal(
      409,
      "LimitExceeded",
      `Cannot exceed quota for AccessKeysPerUser: ${call.world.keysPerUser}`,
    );
  }
  const key = call.world.createKey(user);
  return {
    AccessKey: {
      UserName: user.name,
      AccessKeyId: key.id,
      Status: key.status,
      SecretAccessKey: key.secret,
      CreateDate: renderInstant(key.createdMs),
    },
  };
}

function updateAccessKey(call: ActionCall): undefined {
  const user = permittedUser(call, "UpdateAccessKey");
  keyOf(user, call).active = call.params.get("Status") === "Active";
}

function deleteAccessKey(call: ActionCall): undefined {
  const user = permittedUser(call, "DeleteAccessKey");
  user.keys.splice(user.keys.indexOf(keyOf(user, call)), 1);
}

function listAccessKeys(call: ActionCall): XmlElements {
  const user = permittedUser(call, "ListAccessKeys");
  const known = user.keys.filter((key) => key.unlistedLeft-- <= 0);
  const [keys, marker] = page(known, call);
  return {
    IsTruncated: marker !== undefined,
    AccessKeyMetadata: keys.map((key) => ({
      UserName: user.name,
      AccessKeyId: key.id,
      Status: key.status,
      CreateDate: renderInstant(key.createdMs),
    })),
    Marker: marker,
  };
}

function getAccessKeyLastUsed(call: ActionCall): XmlElements {
  const { world, params } = call;
  const id = params.get("AccessKeyId")!;
  const user = world.users.find((user) => user.keys.some((key) => key.id === id));
  if (user === undefined) throw noSuchKey(id);
  checkPermission(call, "GetAccessKeyLastUsed", user);
  const used = keyOf(user, call).lastUsed;
  return {
    UserName: user.name,
    AccessKeyLastUsed: {
      LastUsedDate: used && renderInstant(used.atMs),
      ServiceName: used?.service ?? "N/A",
      Region: used?.region ?? "N/A",
    },
  };
}

function getUser(call: ActionCall): XmlElements {
  const user = permittedUser(call, "GetUser");
  return {
    User: {
      Path: "/",
      UserName: user.name,
      UserId: user.id,
      Arn: user.arn,
      CreateDate: renderInstant(user.createdMs),
    },
  };
}

function listAccountAliases(call: ActionCall): XmlElements {
  checkPermission(call, "ListAccountAliases", call.caller.user);
  const { accountAlias } = call.world;
  return {
    IsTruncated: false,
    AccountAliases: accountAlias === undefined ? [] : [accountAlias],
  };
}

function listMfaDevices(call: ActionCall): XmlElements {
  const user = permittedUser(call, "ListMFADevices");
  const [devices, marker] = page(user.devices, call);
  return {
    IsTruncated: marker !== undefined,
    MFADevices: devices.map((device) => ({
      UserName: user.name,
      SerialNumber: device.serial,
      EnableDate: renderInstant(device.enabledMs),
    })),
    Marker: marker,
  };
}

/** One page of a list, from `Marker` on, and the next marker where there is more. */
function page<Item>(items: readonly Item[], { params }: ActionCall): [Item[], string | undefined] {
  const marker = params.get("Marker") ?? "page-0";
  const start = Number(/^page-(\d+)$/.exec(marker)?.[1] ?? NaN);
  if (Number.isNaN(start)) throw invalid("Invalid Marker.");
  const end = start + Number(params.get("MaxItems") ?? 100);
  return [items.slice(start, end), end < items.length ? `page-${end}` : undefined];
}

function keyOf(user: User, { params }: ActionCall): AccessKey {
  const id = params.get("AccessKeyId")!;
  const key = user.keys.find((key) => key.id === id);
  if (key === undefined) throw noSuchKey(id);
  return key;
}

function noSuchKey(id: string): Refusal {
  return new Refusal(404, "NoSuchEntity", `The Access Key with id ${id} cannot be found.`);
}
