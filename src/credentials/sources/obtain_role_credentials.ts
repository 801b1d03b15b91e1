import { getRoleCredentials } from "../../aws/sso_portal.ts";
import type { Profile } from "../../config/profile.ts";
import type { Credentials } from "../../credentials.ts";
import { AwsError } from "../../errors.ts";
import type { SignInOptions } from "../../sign_in.ts";
import { obtainLogin } from "../../sso/access_token.ts";
import { callerOf } from "../../sso/login.ts";
import type { StoredLogin } from "../../sso/stored_login.ts";
import type { ObtainDeps } from "../source.ts";
import { loginOfProfile, requireSso } from "../sso_login.ts";

/** Where nothing says that a person may be asked, nobody is. */
const ASK_NOBODY: SignInOptions = { mayPrompt: false };

/**
 * The credentials of a profile's role, by the kept login, a refreshed one, or one for which a person signs
 * in. A token that AWS refuses although it should live is replaced, once. `checkLogin` is called when
 * there is a token, and throws where it is of another login than the one that credentials are kept for.
 */
export async function obtainRoleCredentials(
  deps: ObtainDeps,
  profile: Profile,
  checkLogin: () => Promise<void>,
): Promise<Credentials> {
  const { host, signIn: options = ASK_NOBODY } = deps;
  const login = loginOfProfile(host, profile, options);
  const { accountId = "", roleName = "" } = requireSso(profile);
  const call = async ({ region, token }: StoredLogin) => {
    await checkLogin();
    const caller = callerOf(login, "portal", region);
    return await getRoleCredentials(host, caller, token.accessToken, { accountId, roleName });
  };
  const stored = await obtainLogin(deps, login, { options });
  try {
    return await call(stored);
  } catch (error) {
    if (!(error instanceof AwsError) || error.status !== 401) throw error;
    const rejected = stored.token.accessToken;
    return await call(await obtainLogin(deps, login, { options, rejected }));
  }
}
