/** Which roles a program may ask a credential server for. */

/** An ARN of a role (IAM User Guide, "IAM identifiers"): partition, account, path and name. */
const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/;

/** Whether a text is a role's ARN that one of the patterns allows, in which `*` is any text. */
export function mayAssume(roleArn: string, patterns: readonly string[]): boolean {
  return ROLE_ARN.test(roleArn) && patterns.some((pattern) => matches(roleArn, pattern));
}

function matches(text: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}
