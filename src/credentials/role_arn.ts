import { resolvePartition } from "../aws/partitions.ts";
import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";

/** A complete role ARN (IAM: "IAM identifiers"); here the path is part of the name. */
const WHOLE = /^arn:[a-z][a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;

/** The short forms: `111122223333:admin`, `aws-cn:111122223333:team/admin`. */
const SHORT = /^(?:(aws[a-z-]*):)?(\d{12}):([\w+=,.@/-]+)$/;

/**
 * The ARN of a role as `--role-arn` accepts it: complete, `account:role`, or
 * `partition:account:role`. Without a partition it is the region's, by default AWS's standard one.
 * Throws `bad-usage`.
 */
export function parseRoleArn(text: string, region: string | undefined): string {
  if (WHOLE.test(text)) return text;
  const [, partition, account, role] = SHORT.exec(text) ?? [];
  if (account !== undefined) {
    const { id } = resolvePartition(region ?? "us-east-1");
    return `arn:${partition ?? id}:iam::${account}:role/${role}`;
  }
  throw new VaultError("bad-usage", `Cannot understand --role-arn ${quote(text)}`, {
    hints: ["Write arn:aws:iam::111122223333:role/NAME, or 111122223333:NAME"],
  });
}
