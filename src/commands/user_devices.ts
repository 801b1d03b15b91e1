import { listMfaDevices } from "../aws/iam.ts";
import { AwsError, VaultError } from "../errors.ts";
import { asClause } from "../text.ts";
import type { Invocation } from "./context.ts";
import { callWithKey, type TypedKey, withinLimit } from "./key_call.ts";

/**
 * The MFA devices that IAM lists for the user of a typed key, except for those that show no codes.
 *
 * They are optional: if IAM does not answer, or not to this user, one line reports it.
 */
export async function findUserDevices(invocation: Invocation, typed: TypedKey): Promise<string[]> {
  const list = (signal: AbortSignal) =>
    callWithKey(invocation, typed, "iam", listMfaDevices, signal);
  try {
    const devices = await withinLimit(invocation, list);
    return devices.map(({ serialNumber }) => serialNumber).filter(showsCodes);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    invocation.host.talk.note(
      error instanceof AwsError && error.awsCode === "AccessDenied"
        ? "IAM does not let this key list its MFA devices (iam:ListMFADevices)"
        : `Cannot list the MFA devices of this key: ${asClause(error.message)}`,
    );
    return [];
  }
}

/** STS accepts only codes; a FIDO security key has none (IAM user guide, "MFA protected API access"). */
function showsCodes(serial: string): boolean {
  return !/^arn:[^:]*:iam::[^:]*:u2f\//.test(serial);
}
