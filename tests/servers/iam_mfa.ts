/** IAM's actions about MFA devices. */

import type { Action, ActionCall } from "./action.ts";
import { permittedUser } from "./iam_permission.ts";
import { MfaDevice } from "./mfa.ts";
import type { ParameterRules } from "./parameters.ts";
import { Refusal } from "./refusal.ts";
import type { User } from "./users.ts";
import type { XmlElements } from "./xml.ts";

const SERIAL: ParameterRules = {
  SerialNumber: { required: true, length: [9, 256], pattern: /^[\w+=/:,.@-]+$/ },
};
const CODE = { required: true, length: [6, 6], pattern: /^\d+$/ } as const;
const PAIR: ParameterRules = {
  ...SERIAL,
  UserName: { required: true, length: [1, 128], pattern: /^[\w+=,.@-]+$/ },
  AuthenticationCode1: CODE,
  AuthenticationCode2: CODE,
};

/** Eight devices a user (IAM quotas, "MFA devices"). */
const DEVICES_PER_USER = 8;

export const IAM_MFA_ACTIONS: Readonly<Record<string, Action>> = {
  CreateVirtualMFADevice: {
    rules: { VirtualMFADeviceName: { required: true, length: [1, 226], pattern: /^[\w+=,.@-]+$/ } },
    run: createVirtualDevice,
  },
  DeleteVirtualMFADevice: { rules: SERIAL, run: deleteVirtualDevice },
  EnableMFADevice: { rules: PAIR, run: enableDevice },
  ResyncMFADevice: { rules: PAIR, run: resyncDevice },
};

function createVirtualDevice(call: ActionCall): XmlElements {
  const { world, caller, params } = call;
  permittedUser(call, "CreateVirtualMFADevice");
  const serial = `arn:aws:iam::${caller.account}:mfa/${params.get("VirtualMFADeviceName")}`;
  if (world.devices().some((device) => device.serial === serial)) {
    throw new Refusal(
      409,
      "EntityAlreadyExists",
      "MFADevice entity at the same path and name already exists.",
    );
  }
  const device = new MfaDevice(serial, {}, world.now());
  world.addDevice(device);
  return {
    VirtualMFADevice: {
      SerialNumber: serial,
      Base32StringSeed: btoa(device.secret),
      QRCodePNG: btoa("a picture"),
    },
  };
}

function deleteVirtualDevice(call: ActionCall): undefined {
  permittedUser(call, "DeleteVirtualMFADevice");
  const serial = call.params.get("SerialNumber")!;
  const { unassigned } = call.world;
  const at = unassigned.findIndex((device) => device.serial === serial);
  if (at >= 0) return void unassigned.splice(at, 1);
  if (!call.world.devices().some((device) => device.serial === serial)) throw noDevice(serial);
  throw new Refusal(
    409,
    "DeleteConflict",
    "Cannot delete entity, must deactivate the MFA device first.",
  );
}

function enableDevice(call: ActionCall): undefined {
  const user = permittedUser(call, "EnableMFADevice");
  const serial = call.params.get("SerialNumber")!;
  const { unassigned } = call.world;
  if (user.devices.some((device) => device.serial === serial)) {
    throw new Refusal(409, "EntityAlreadyExists", `MFA Device already exists.`);
  }
  const device = unassigned.find((device) => device.serial === serial);
  if (device === undefined) throw noDevice(serial);
  if (user.devices.length >= DEVICES_PER_USER) {
    throw new Refusal(409, "LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8");
  }
  requirePair(call, device, 2);
  unassigned.splice(unassigned.indexOf(device), 1);
  user.devices.push(device);
}

function resyncDevice(call: ActionCall): undefined {
  const user: User = permittedUser(call, "ResyncMFADevice");
  const serial = call.params.get("SerialNumber")!;
  const device = user.devices.find((device) => device.serial === serial);
  if (device === undefined) throw noDevice(serial);
  requirePair(call, device, 100);
}

function requirePair({ params, nowMs }: ActionCall, device: MfaDevice, windows: number): void {
  const [first, second] = [params.get("AuthenticationCode1")!, params.get("AuthenticationCode2")!];
  if (device.synchronize(first, second, nowMs, windows)) return;
  throw new Refusal(
    403,
    "InvalidAuthenticationCode",
    `Authentication code for device is not valid`,
  );
}

function noDevice(serial: string): Refusal {
  return new Refusal(
    404,
    "NoSuchEntity",
    `VirtualMFADevice with serial number ${serial} does not exist.`,
  );
}
