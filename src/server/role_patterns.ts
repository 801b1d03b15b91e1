/** The roles that a program may request from a credential server. */

/** A role ARN (IAM User Guide, "IAM identifiers"): partition, account, path and name. */
const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/;

/** Whether a text is a role ARN that one of the patterns allows, in which `*` matches any text. */
export function mayAssume(roleArn: string, patterns: readonly string[]): boolean {
  return ROLE_ARN.test(roleArn) && patterns.some((pattern) => matches(roleArn, pattern));
}

function matches(text: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}
