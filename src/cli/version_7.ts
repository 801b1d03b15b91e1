/** What aws-vault 7 has and this version lacks: each with what it is, and what to do instead. */

/** Commands of version 7, by name. */
export const COMMANDS_OF_7: Readonly<Record<string, readonly string[]>> = {
  server: ["It is started and stopped by: aws-vault exec --ec2-server"],
};

/** Flags of version 7, as they are typed. */
export const FLAGS_OF_7: Readonly<Record<string, readonly string[]>> = {
  "--stop": ["The proxy of --ec2-server ends by itself with the last command that uses it"],
  "--stdout": ["It concerns the browser of a sign-in, and can be omitted"],
};
