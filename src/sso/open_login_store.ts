import type { SsoLogin } from "./login.ts";
import type { LoginStore, LoginStoreDeps } from "./login_store.ts";
import { SealedLogins } from "./sealed_logins.ts";

/** Opens the store of a login. */
export async function openLoginStore(
  deps: LoginStoreDeps,
  login: SsoLogin,
): Promise<LoginStore> {
  const own = new SealedLogins(deps, login);
  if (!login.sharesCache) return own;
  const { SharedLogins } = await import("./shared_logins.ts");
  return new SharedLogins(deps.host, login, own);
}
