/**
 * AI coding agents, recognised by the variables that they set for the programs that they run.
 *
 * Taken from the public detectors `@vercel/detect-agent` 1.2.7 and `std-env` 4.3.0 (npm, August 2026). Names
 * change, and a program that runs as the user can drop a variable: this is an aid, not a security boundary.
 */

import type { Env } from "./host.ts";

/** How an agent is recognised: a variable that is set, or that has a certain value. */
interface AgentSign {
  readonly agent: string;
  readonly variable: string;
  readonly value?: string;
}

const SIGNS: readonly AgentSign[] = [
  { agent: "claude", variable: "CLAUDECODE" },
  { agent: "claude", variable: "CLAUDE_CODE" },
  { agent: "cursor", variable: "CURSOR_AGENT" },
  { agent: "cursor", variable: "CURSOR_EXTENSION_HOST_ROLE", value: "agent-exec" },
  { agent: "codex", variable: "CODEX_SANDBOX" },
  { agent: "codex", variable: "CODEX_CI" },
  { agent: "codex", variable: "CODEX_THREAD_ID" },
  { agent: "gemini", variable: "GEMINI_CLI" },
  { agent: "antigravity", variable: "ANTIGRAVITY_AGENT" },
  { agent: "augment", variable: "AUGMENT_AGENT" },
  { agent: "opencode", variable: "OPENCODE", value: "1" },
  { agent: "opencode", variable: "OPENCODE_CLIENT" },
  { agent: "copilot", variable: "COPILOT_AGENT" },
  { agent: "copilot", variable: "COPILOT_CLI" },
  { agent: "copilot", variable: "COPILOT_ALLOW_ALL" },
  { agent: "replit", variable: "REPL_ID" },
  { agent: "goose", variable: "GOOSE_PROVIDER" },
  { agent: "junie", variable: "JUNIE_DATA" },
  { agent: "junie", variable: "JUNIE_SHIM_PATH" },
];

/** Variables whose value is the agent's own name, ours first. */
const NAMES = ["AWS_VAULT_AGENT", "AI_AGENT"];

/** The agent that this program runs under, or `undefined`. */
export function detectAgent(env: Env): string | undefined {
  const named = NAMES.map((name) => env.get(name)).find((name) => name);
  if (named !== undefined) return named;
  return SIGNS.find(({ variable, value }) => {
    const found = env.get(variable);
    return value === undefined ? !!found : found === value;
  })?.agent;
}
