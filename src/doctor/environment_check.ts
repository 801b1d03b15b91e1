import type { Finding } from "../finding.ts";
import { VaultError } from "../errors.ts";
import { parsePromptDriver, promptDriversOn } from "../prompt/driver_names.ts";
import { promptProgram } from "../prompt/external.ts";
import { quote } from "../text.ts";
import type { Check, Scene } from "./check.ts";
import { nearNames } from "../near_names.ts";

/** Environment variables that nobody reads, that name missing things, or that change this program. */
export const ENVIRONMENT: Check = {
  id: "environment",
  subject: "environment",
  steps: [
    unknownVariables,
    unknownProfile,
    examinePrompt,
    plainCredentials,
    examineCertificateFile,
    examineProxies,
  ],
};

function unknownVariables({ host, variables }: Scene): Finding[] {
  const known = new Set(variables);
  const names = Object.keys(host.env.all()).filter((name) => name.startsWith("AWS_VAULT_"));
  return names.filter((name) => !known.has(name)).sort().map((name) => {
    const [meant] = nearNames(name, known);
    return {
      id: "variable-unknown",
      severity: "warning",
      subject: name,
      message: `The variable ${name} is set, and nothing reads it`,
      todo: meant === undefined ? unset(host, name) : `Set ${meant} instead`,
    };
  });
}

function unknownProfile({ host, config }: Scene): Finding[] {
  const name = host.env.get("AWS_PROFILE");
  if (!name || isConfigured(config, name)) return [];
  return [{
    id: "profile-unknown",
    severity: "warning",
    subject: "AWS_PROFILE",
    message: `AWS_PROFILE names ${quote(name)}, which is not in the config file`,
    todo: "See all profiles: aws-vault list",
  }];
}

function isConfigured(config: Scene["config"], name: string): boolean {
  try {
    return config().hasProfile(name);
  } catch (error) {
    // The config file's own check reports that it cannot be read.
    if (error instanceof VaultError) return true;
    throw error;
  }
}

function examinePrompt({ host }: Scene): Finding[] {
  const name = host.env.get("AWS_VAULT_PROMPT");
  const driver = name ? parsePromptDriver(name) : undefined;
  const program = driver && promptProgram(driver);
  if (driver === undefined || program === undefined || host.programs.find(program)) return [];
  const here = promptDriversOn(host.platform.os);
  return [{
    id: "prompt-missing",
    severity: "warning",
    subject: "AWS_VAULT_PROMPT",
    message: `AWS_VAULT_PROMPT is ${name}, and there is no program ${quote(program)}`,
    todo: here.includes(driver)
      ? "Install it, or unset AWS_VAULT_PROMPT"
      : `Set AWS_VAULT_PROMPT to one of: ${here.join(", ")}`,
  }];
}

/** Inside `exec` these variables are expected. */
function plainCredentials({ host }: Scene): Finding[] {
  const { env } = host;
  if (!env.get("AWS_ACCESS_KEY_ID") || env.get("AWS_VAULT")) return [];
  return [{
    id: "environment-credentials",
    severity: "note",
    subject: "AWS_ACCESS_KEY_ID",
    message: "The environment holds credentials, which programs outside exec prefer to profiles",
    todo: unset(host, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
  }];
}

/** The shell command; Windows' two shells have no common one. */
function unset({ platform }: Scene["host"], ...names: string[]): string {
  return platform.os === "windows"
    ? `Remove ${names.join(", ")} from the environment`
    : `unset ${names.join(" ")}`;
}

function examineCertificateFile({ host }: Scene): Finding[] {
  const path = host.env.get("SSL_CERT_FILE");
  if (!path) return [];
  const why = whyUnusable(host, path);
  return why === undefined ? [] : [{
    id: "certificate-file",
    severity: "error",
    subject: "SSL_CERT_FILE",
    message: `SSL_CERT_FILE names ${quote(path)}: ${why}`,
    todo: "Name a file of certificates in PEM form, or unset SSL_CERT_FILE",
  }];
}

function whyUnusable({ files }: Scene["host"], path: string): string | undefined {
  const found = files.info(path);
  if (found === undefined) return "there is no such file";
  if (found.kind !== "file") return "it is not a plain file";
  const isPem = files.readText(path)?.includes("-----BEGIN CERTIFICATE-----");
  return isPem ? undefined : "there is no certificate in it";
}

const PROXIES = [
  "HTTPS_PROXY",
  "https_proxy",
  "HTTP_PROXY",
  "http_proxy",
  "ALL_PROXY",
  "all_proxy",
];

/** The value may contain a password: it is never shown. */
function examineProxies({ host: { env } }: Scene): Finding[] {
  const isBad = (value: string) => !/^(https?|socks5h?):$/.test(URL.parse(value)?.protocol ?? "");
  return PROXIES.filter((name) => env.get(name) && isBad(env.get(name)!)).map((name) => ({
    id: "proxy-invalid",
    severity: "error",
    subject: name,
    message: `${name} is not the URL of a proxy`,
    todo: `Write it as http://proxy.example.com:3128, or unset ${name}`,
  }));
}
