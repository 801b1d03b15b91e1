import type { CredentialSource } from "../source.ts";
import { CREDENTIAL_PROCESS } from "./credential_process.ts";
import { CREDENTIAL_SOURCE } from "./credential_source.ts";
import { IDENTITY_CENTER } from "./identity_center.ts";
import { LOGIN_SESSION } from "./login_session.ts";
import { ROLES_ANYWHERE } from "./roles_anywhere.ts";
import { SAML } from "./saml.ts";
import { SHARED_KEY, SHARED_SESSION } from "./shared_credentials_file.ts";
import { STORED_KEY } from "./stored_key.ts";
import { WEB_IDENTITY } from "./web_identity.ts";

/** The sources of credentials, in the order in which they are matched with a profile. */
export const SOURCES: readonly CredentialSource[] = [
  STORED_KEY,
  IDENTITY_CENTER,
  WEB_IDENTITY,
  ROLES_ANYWHERE,
  SAML,
  CREDENTIAL_SOURCE,
  SHARED_KEY,
  SHARED_SESSION,
  LOGIN_SESSION,
  CREDENTIAL_PROCESS,
];
