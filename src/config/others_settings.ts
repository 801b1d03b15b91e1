/** The settings of other programs that sign in on their own and keep what they need in the config file. */

/** The beginning of the names of a program's settings, and the program. */
const PROGRAMS: readonly (readonly [prefix: RegExp, program: string])[] = [
  [/^azure_/, "aws-azure-login"],
  [/^google_config\./, "aws-google-auth"],
  [/^granted_/, "granted"],
  [/^(?:aws_)?saml_|^saml2aws_/, "saml2aws"],
  [/^(?:aws_)?okta_/, "aws-okta"],
];

/** The program that reads a setting; `undefined` for a setting that begins as those of no such program. */
export function programOfSetting(key: string): string | undefined {
  return PROGRAMS.find(([prefix]) => prefix.test(key))?.[1];
}
