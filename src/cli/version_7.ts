/** What aws-vault 7 has and this version does not: each answered by what it is, and what to do instead. */

/** Commands of version 7, by name. */
export const COMMANDS_OF_7: Readonly<Record<string, readonly string[]>> = {
  proxy: [
    "It is a part of --ec2-server, which this version does not have; SDKs take credentials from: aws-vault exec --server",
  ],
  server: [
    "It is a part of --ec2-server, which this version does not have; SDKs take credentials from: aws-vault exec --server",
  ],
};

/** Flags of version 7, as they are typed. */
export const FLAGS_OF_7: Readonly<Record<string, readonly string[]>> = {
  "--ec2-server": ["It is not in this version; SDKs take credentials from --server as well"],
  "--stdout": ["It is about the browser of a sign-in, and can be left out"],
  "--profile-env": ["It is about IAM Identity Center, and can be left out"],
};
