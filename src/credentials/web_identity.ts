import { readCaBundle } from "../aws/ca_bundle.ts";
import { assumeRoleWithWebIdentity } from "../aws/sts.ts";
import type { Profile } from "../config/profile.ts";
import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import { Secret } from "../secret.ts";
import { quote } from "../text.ts";
import type { ObtainDeps } from "./obtain.ts";
import { profileEndpoint } from "./profile_endpoint.ts";
import { runHelper } from "./run_helper.ts";

const TOKEN_PROCESS_TIMEOUT_MS = 60_000;

/** Assumes a profile's role with the token of its `web_identity_token_file` or `_process`. */
export async function obtainWebIdentity(deps: ObtainDeps, profile: Profile): Promise<Credentials> {
  if (profile.roleArn === undefined) {
    throw failed(profile, "bad-config", "it has a web identity token but no role_arn");
  }
  const caller = {
    endpoint: profileEndpoint("sts", profile),
    caCertificates: profile.caBundle && readCaBundle(deps.host, profile.caBundle) || undefined,
  };
  return await assumeRoleWithWebIdentity({ ...deps.host, talk: deps.talk }, caller, {
    roleArn: profile.roleArn,
    roleSessionName: profile.roleSessionName ?? String(deps.host.clock.now().epochNanoseconds),
    webIdentityToken: await readToken(deps, profile),
    durationSeconds: profile.roleDurationSeconds,
  });
}

async function readToken(deps: ObtainDeps, profile: Profile): Promise<Secret> {
  const { tokenFile, tokenProcess } = profile.webIdentity ?? {};
  if (tokenFile !== undefined) {
    const text = deps.host.files.readText(tokenFile);
    if (text !== undefined) return new Secret(text.trim());
    throw failed(
      profile,
      "file-failed",
      `there is no file ${quote(tokenFile)} (web_identity_token_file)`,
    );
  }
  const helper = {
    profile: profile.name,
    setting: "web_identity_token_process",
    command: tokenProcess!,
    timeoutMs: TOKEN_PROCESS_TIMEOUT_MS,
  } as const;
  return new Secret((await runHelper(deps.host, helper)).trim());
}

function failed(
  profile: Profile,
  code: "bad-config" | "file-failed",
  what: string,
): VaultError {
  return new VaultError(code, `Cannot get credentials for profile ${quote(profile.name)}: ${what}`);
}
