/** The guard rails of a profile: how its credentials are narrowed, and who may have them. */

import type { VaultError } from "../errors.ts";
import { parseDuration } from "../duration.ts";
import type { ProfileSettingsSource } from "./inherit.ts";
import { asBoolean, asList, fromSetting } from "./setting_values.ts";

/** A text of the config file, with its place for messages. */
export interface PlacedText {
  readonly text: string;
  /** File and line: `/home/a/.aws/config:3`. */
  readonly place: string;
  /** An error about this text. */
  bad(what: string): VaultError;
}

/** The settings as they are written; absent ones are omitted. */
export interface GuardSettings {
  /** `aws_vault_policy_arns`. */
  readonly policyArns?: PlacedText & { readonly arns: readonly string[] };
  /** `aws_vault_policy`: JSON, or the path of a file. */
  readonly policy?: PlacedText;
  /** `aws_vault_agents`. */
  readonly agents?: PlacedText;
  /** `aws_vault_agent_tags`. */
  readonly agentTags?: true;
  /** `aws_vault_confirm`: how long a yes is remembered, in seconds; 0 for `true`. */
  readonly confirm?: PlacedText & { readonly rememberSeconds: number };
}

/** Reads them; `undefined` if a profile has none. Throws `bad-config`. */
export function resolveGuards(source: ProfileSettingsSource): GuardSettings | undefined {
  const placed = (key: string) => readPlaced(source, key);
  const arns = placed("aws_vault_policy_arns");
  const policy = placed("aws_vault_policy");
  const agents = readAgents(source);
  const confirm = withRemembered(placed("aws_vault_confirm"));
  const agentTags = asBoolean(fromSetting(source.getText("aws_vault_agent_tags")));
  const guards: GuardSettings = {
    ...arns && { policyArns: { ...arns, arns: asList(arns) } },
    ...policy && { policy },
    ...agents && { agents },
    ...agentTags && { agentTags },
    ...confirm && { confirm },
  };
  return Object.keys(guards).length === 0 ? undefined : guards;
}

/** `aws_vault_agents` alone. */
export function readAgents(source: ProfileSettingsSource): PlacedText | undefined {
  return readPlaced(source, "aws_vault_agents");
}

function readPlaced(source: ProfileSettingsSource, key: string): PlacedText | undefined {
  const setting = source.getText(key);
  if (setting === undefined) return undefined;
  const bad = (what: string) => setting.bad(`${key}: ${what}`);
  return { text: setting.value, place: setting.place(), bad };
}

/** `true`, `false`, or a duration in Go's notation. */
function withRemembered(confirm: PlacedText | undefined): GuardSettings["confirm"] {
  const text = confirm?.text.toLowerCase();
  if (confirm === undefined || text === "false") return undefined;
  if (text === "true") return { ...confirm, rememberSeconds: 0 };
  try {
    return { ...confirm, rememberSeconds: parseDuration(confirm.text) };
  } catch {
    throw confirm.bad("it is neither true, false nor a duration such as 15m");
  }
}
