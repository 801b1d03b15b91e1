/** IAM's actions for MFA devices (IAM API reference, version 2010-05-08). */

import { Secret } from "../secret.ts";
import { quote } from "../text.ts";
import { callIam } from "./iam.ts";
import { NetworkError } from "./network_error.ts";
import type { AwsCaller } from "./query.ts";
import { requiredText } from "./required_text.ts";
import type { AwsDeps } from "./send.ts";

/** A new virtual MFA device. Its seed is shown only now. */
export interface CreatedMfaDevice {
  /** Its ARN. */
  readonly serialNumber: string;
  /** In base32. */
  readonly seed: Secret;
}

/** Two consecutive codes of a device. */
export interface CodePair {
  readonly userName: string;
  readonly serialNumber: string;
  readonly first: Secret;
  readonly second: Secret;
}

/**
 * Creates a virtual MFA device, which belongs to no user until it is enabled.
 *
 * Refused with `EntityAlreadyExists` if the name is taken. Sent again only if AWS surely did not
 * act: its seed is shown once.
 */
export async function createVirtualMfaDevice(
  deps: AwsDeps,
  caller: AwsCaller,
  name: string,
): Promise<CreatedMfaDevice> {
  const action = "CreateVirtualMFADevice";
  const params = { VirtualMFADeviceName: name };
  const subject = `MFA device ${quote(name)}`;
  const result = await callIam(deps, caller, action, params, subject, "only-if-unprocessed");
  return {
    serialNumber: requiredText(action, result, "VirtualMFADevice", "SerialNumber"),
    seed: decodeBlob(action, requiredText(action, result, "VirtualMFADevice", "Base32StringSeed")),
  };
}

/** Deletes a virtual device. Refused with `DeleteConflict` while enabled, so none in use is lost. */
export async function deleteVirtualMfaDevice(
  deps: AwsDeps,
  caller: AwsCaller,
  serialNumber: string,
): Promise<void> {
  const params = { SerialNumber: serialNumber };
  await callIam(
    deps,
    caller,
    "DeleteVirtualMFADevice",
    params,
    `MFA device ${quote(serialNumber)}`,
  );
}

/**
 * Enables a device for a user. Refused with `InvalidAuthenticationCode` for wrong codes, and with
 * `EntityAlreadyExists` if it is already enabled, which a repeated try can meet.
 */
export async function enableMfaDevice(
  deps: AwsDeps,
  caller: AwsCaller,
  pair: CodePair,
): Promise<void> {
  await callWithCodes(deps, caller, "EnableMFADevice", pair);
}

/** Lets AWS correct for the clock of a device. Refused with `InvalidAuthenticationCode` for wrong codes. */
export async function resyncMfaDevice(
  deps: AwsDeps,
  caller: AwsCaller,
  pair: CodePair,
): Promise<void> {
  await callWithCodes(deps, caller, "ResyncMFADevice", pair);
}

async function callWithCodes(
  deps: AwsDeps,
  caller: AwsCaller,
  action: string,
  { userName, serialNumber, first, second }: CodePair,
): Promise<void> {
  const params = {
    UserName: userName,
    SerialNumber: serialNumber,
    AuthenticationCode1: first.reveal(),
    AuthenticationCode2: second.reveal(),
  };
  await callIam(deps, caller, action, params, `MFA device ${quote(serialNumber)}`);
}

/** Binary values are in base64 on the wire. */
function decodeBlob(action: string, text: string): Secret {
  const bad = (form: string) =>
    new NetworkError(`Cannot read AWS's answer to ${action}: its seed is not ${form}`, true);
  let seed;
  try {
    seed = atob(text);
  } catch {
    throw bad("base64");
  }
  if (!/^[A-Z2-7]+=*$/.test(seed)) throw bad("base32");
  return new Secret(seed);
}
