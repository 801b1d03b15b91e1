import type { CanonicalValue } from "../../cache/canonical.ts";
import type { Profile } from "../../config/profile.ts";
import { VaultError } from "../../errors.ts";
import { policyParameters } from "../../session_policies.ts";
import type { Secret } from "../../secret.ts";
import { quote } from "../../text.ts";
import { endpointFingerprint } from "../profile_endpoint.ts";
import { runHelper } from "../run_helper.ts";
import type { ObtainDeps, OpenSource } from "../source.ts";
import { commandFingerprint } from "./command_fingerprint.ts";
import { parseToken } from "../token_claims.ts";
import type { ExchangeRequest } from "./exchange_token.ts";
import { tokenFingerprint } from "./token_fingerprint.ts";

const FILE_SETTING = "web_identity_token_file";
const TOKEN_PROCESS_TIMEOUT_MS = 60_000;

/**
 * Opens the web identity of a profile.
 *
 * The token is read at most once, so that the credentials are cached under the identity of exactly
 * the token that was exchanged: the file may be another job's a moment later.
 */
export function openWebIdentity(
  deps: ObtainDeps,
  profile: Profile,
  request: ExchangeRequest,
): OpenSource {
  let token: Promise<Secret> | undefined;
  const read = () => token ??= readToken(deps, profile);
  return {
    fingerprint: async () => {
      const identity = await tokenIdentity(deps, profile, read);
      return identity && {
        roleArn: profile.roleArn,
        roleSessionName: profile.roleSessionName,
        token: identity,
        ...policyParameters(request.policies),
        agent: request.agent,
        endpoint: endpointFingerprint(profile),
      };
    },
    async obtain() {
      const { exchangeToken } = await import("./exchange_token.ts");
      return await exchangeToken(deps.host, profile, request, await read());
    },
  };
}

/**
 * The identity in a token. A program is run at every call to see its token, unless the profile
 * names the variables that its output depends on in `aws_vault_cache_env`.
 */
async function tokenIdentity(
  { host }: ObtainDeps,
  profile: Profile,
  read: () => Promise<Secret>,
): Promise<CanonicalValue | undefined> {
  const setting = "web_identity_token_process";
  const command = profile.sourceSettings[setting];
  const isNamed = profile.sourceSettings[FILE_SETTING] === undefined &&
    command !== undefined && profile.cacheEnv.length > 0;
  return isNamed
    ? commandFingerprint(host, { profile, setting, command })
    : tokenFingerprint(await read());
}

async function readToken({ host }: ObtainDeps, profile: Profile): Promise<Secret> {
  const file = profile.sourceSettings[FILE_SETTING];
  const setting = "web_identity_token_process";
  const text = file === undefined
    ? await runHelper(host, {
      profile: profile.name,
      setting,
      command: profile.sourceSettings[setting]!,
      timeoutMs: TOKEN_PROCESS_TIMEOUT_MS,
    })
    : host.files.readText(file);
  if (text !== undefined) {
    const where = file === undefined
      ? `the output of ${setting}`
      : `${quote(file)} (${FILE_SETTING})`;
    return parseToken(text, `${where} of profile ${quote(profile.name)}`);
  }
  throw new VaultError(
    "file-failed",
    `Cannot get credentials for profile ${quote(profile.name)}: ` +
      `there is no file ${quote(file!)} (${FILE_SETTING})`,
  );
}
