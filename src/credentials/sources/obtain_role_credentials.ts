import { getRoleCredentials } from "../../aws/sso_portal.ts";
import type { Profile } from "../../config/profile.ts";
import type { Credentials } from "../../credentials.ts";
import type { WaitBudget } from "../../lock.ts";
import type { SignInOptions } from "../../sign_in.ts";
import { withLogin } from "../../sso/access_token.ts";
import { callerOf } from "../../sso/login.ts";
import type { ObtainDeps } from "../source.ts";
import { loginOfProfile, requireSso } from "../sso_login.ts";

/** The default: nobody is asked. */
const ASK_NOBODY: SignInOptions = { mayPrompt: false };

/** The parameters of a request for a role. */
interface RoleRequest {
  /** Called once there is a token; throws if its login is not the one that credentials are kept for. */
  readonly checkLogin: () => Promise<void>;
  readonly budget: WaitBudget | undefined;
}

/**
 * The credentials of a profile's role, with the kept login, a refreshed one, or one for which a
 * person signs in.
 */
export async function obtainRoleCredentials(
  deps: ObtainDeps,
  profile: Profile,
  { checkLogin, budget }: RoleRequest,
): Promise<Credentials> {
  const { host, signIn: options = ASK_NOBODY } = deps;
  const login = loginOfProfile(host, profile, options);
  const { accountId = "", roleName = "" } = requireSso(profile);
  return await withLogin(deps, login, { options, budget }, async ({ region, token }) => {
    await checkLogin();
    const caller = callerOf(login, "portal", region);
    return await getRoleCredentials(host, caller, token.accessToken, { accountId, roleName });
  });
}
