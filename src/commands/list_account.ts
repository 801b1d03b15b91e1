import { settingsOf } from "../config/inherit.ts";
import { sourceSettings } from "../credentials/source.ts";
import type { Invocation } from "./context.ts";

/** Account, role and region of a profile by its settings alone: AWS is not asked. */
export function describeRow(
  { config, sources }: Invocation,
  { profile }: { readonly profile: string | undefined },
) {
  if (profile === undefined) return {};
  const source = settingsOf(config(), profile, sourceSettings(sources));
  const text = (key: string): string | undefined => {
    const value = source.get(key)?.value;
    return typeof value === "string" ? value : undefined;
  };
  const role = text("role_arn");
  const account = accountOf(role) ?? text("sso_account_id") ?? text("aws_account_id") ??
    accountOf(text("mfa_serial"));
  return {
    account,
    role: role?.split(":role/")[1] ?? text("sso_role_name"),
    region: text("region"),
  };
}

function accountOf(arn: string | undefined): string | undefined {
  return arn === undefined ? undefined : /^arn:[^:]*:[^:]*:[^:]*:(\d+):/.exec(arn)?.[1];
}
