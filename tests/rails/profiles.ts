/** Profiles for the guard rails: one for each source of credentials, and one for a role above it. */

export const ACCOUNT = "111122223333";

/** A profile, and what is known of it before. */
export interface RailsProfile {
  readonly name: string;
  /** The kind of the row of `SOURCES` that it starts with. */
  readonly kind: string;
  readonly settings: readonly string[];
  /** Its own request takes no policy, and no role stands above: narrowed, it gives nothing. */
  readonly isNeverNarrowed?: boolean;
  /** Its own credentials do not sign in to the console, which is refused so. */
  readonly console?: { readonly exit: number; readonly says: RegExp } | undefined;
}

const ROLE = `role_arn = arn:aws:iam::${ACCOUNT}:role/admin`;

const KEY = { exit: 1, says: /these credentials are a long-term key/ };
const SESSION = { exit: 5, says: /AWS refused getSigninToken/ };

/** A source that takes no policy, and a role that is assumed with it. */
function withRole(
  name: string,
  kind: string,
  settings: readonly string[],
  console?: RailsProfile["console"],
): RailsProfile[] {
  return [
    { name, kind, settings, isNeverNarrowed: true, console },
    { name: `${name}-role`, kind, settings: [`source_profile = ${name}`, ROLE] },
  ];
}

/** In the text `HOME` stands for the home's folder, and `ANYWHERE` for what a fake Roles Anywhere gives out. */
export const PROFILES: readonly RailsProfile[] = [
  { name: "work", kind: "stored-key", settings: [] },
  { name: "admin", kind: "stored-key", settings: ["source_profile = work", ROLE] },
  { name: "chain", kind: "stored-key", settings: ["source_profile = admin", ROLE] },
  ...withRole("sso", "sso.GetRoleCredentials", [
    "sso_session = corp",
    `sso_account_id = ${ACCOUNT}`,
    "sso_role_name = Admin",
  ]),
  {
    name: "web",
    kind: "AssumeRoleWithWebIdentity",
    settings: [
      `role_arn = arn:aws:iam::${ACCOUNT}:role/job`,
      "web_identity_token_file = HOME/token",
    ],
  },
  {
    name: "saml",
    kind: "AssumeRoleWithSAML",
    settings: [`role_arn = arn:aws:iam::${ACCOUNT}:role/fed`, "saml_process = cat HOME/assertion"],
  },
  ...withRole("anywhere", "rolesanywhere.CreateSession", [
    "rolesanywhere_certificate_file = HOME/cert.pem",
    "rolesanywhere_private_key_file = HOME/key.pem",
    "ANYWHERE",
  ]),
  {
    name: "environment",
    kind: "credential_source",
    settings: ["credential_source = Environment"],
    isNeverNarrowed: true,
    console: KEY,
  },
  {
    name: "environment-role",
    kind: "credential_source",
    settings: ["credential_source = Environment", ROLE],
  },
  {
    name: "machine",
    kind: "credential_source",
    settings: ["credential_source = Ec2InstanceMetadata"],
    isNeverNarrowed: true,
  },
  {
    name: "machine-role",
    kind: "credential_source",
    settings: ["credential_source = Ec2InstanceMetadata", ROLE],
  },
  { name: "static", kind: "shared-credentials-file", settings: [] },
  ...withRole("session", "shared-credentials-file (temporary)", [], SESSION),
  ...withRole(
    "login",
    "signin.CreateOAuth2Token",
    [`login_session = arn:aws:iam::${ACCOUNT}:user/ann`],
    SESSION,
  ),
  ...withRole(
    "process",
    "credential_process",
    ["credential_process = cat HOME/credentials.json"],
    KEY,
  ),
];

/** The sections of the config file. */
export function renderProfiles(home: string, anywhere: Readonly<Record<string, string>>): string {
  const sections = PROFILES.map(({ name, settings }) =>
    [`[profile ${name}]`, ...settings, ""].join("\n")
  );
  const lines = Object.entries(anywhere).map(([name, value]) => `${name} = ${value}`).join("\n");
  return sections.join("").replaceAll("HOME", home).replaceAll("ANYWHERE", lines);
}
