import type { Env } from "../host.ts";
import { KEY_LOG_CARRIER } from "./key_log.ts";
import { readEnvironment, readRawVariable, readVariable } from "./process_environment.ts";

/**
 * Variables that make the runtime trust one more certificate authority (`DENO_CERT`) or, for connections
 * through Node's modules, other authorities or anybody, without a sign of it from this program.
 *
 * An authority that people need is in the system's store, or named by `ca_bundle`, `AWS_CA_BUNDLE` or
 * `SSL_CERT_FILE`, as for the AWS CLI and SDKs.
 */
const WITHHELD = [
  "DENO_CERT",
  "DENO_NODE_USE_OPENSSL_CA",
  "NODE_EXTRA_CA_CERTS",
  "NODE_OPTIONS",
  "NODE_TLS_REJECT_UNAUTHORIZED",
  "NODE_USE_SYSTEM_CA",
] as const;

/**
 * The environment of this process; on Windows the case of names is ignored. `all` keeps every byte
 * (see `src/raw_text.ts`), `get` throws `bad-usage` for a value that is not UTF-8.
 *
 * {@linkcode WITHHELD} variables are hidden from the runtime, which reads them when it makes its first
 * TLS client. They stay in the result, and so in the environment that the child of `exec` inherits.
 */
export function systemEnv(): Env {
  const withheld = takeFromRuntime();
  return {
    get: (name) => readVariable(name) ?? withheld[name],
    all: () => ({ ...readEnvironment(), ...withheld }),
  };
}

function takeFromRuntime(): Readonly<Record<string, string>> {
  const taken: Record<string, string> = {};
  const keyLog = readRawVariable(KEY_LOG_CARRIER);
  if (keyLog !== undefined) {
    taken["SSLKEYLOGFILE"] = keyLog;
    Deno.env.delete(KEY_LOG_CARRIER);
  }
  for (const name of WITHHELD) {
    const value = readRawVariable(name);
    if (value === undefined) continue;
    taken[name] = value;
    Deno.env.delete(name);
  }
  return taken;
}
