/**
 * The providers of identity tokens (OpenID Connect) for CI jobs: a table with one row for each. All
 * other code uses the row, never a provider by its name.
 */

import { VaultError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import type { Secret } from "../../secret.ts";
import type { TalkingHost } from "../../talk.ts";
import { quote, quoteForShell } from "../../text.ts";
import { runHelper } from "../run_helper.ts";
import { parseToken } from "../token_claims.ts";

/** The audience in AWS's own examples of trust policies (IAM: "Create an OpenID Connect identity provider"). */
const AUDIENCE = "sts.amazonaws.com";

const PROGRAM_TIMEOUT_MS = 60_000;

/** The parameters of a token request. */
export interface TokenRequest {
  /** The text after the provider's name: `NAME` of `env:NAME`. */
  readonly argument: string;
  /** `--audience`. */
  readonly audience: string | undefined;
}

/** One way to get a token. */
export interface OidcProvider {
  /** Its name in `--oidc`. */
  readonly name: string;
  /** The placeholder for the text after the name and a colon; absent: there is none. */
  readonly argument?: string;
  /** Where the audience is set, in words, if it cannot be requested here. */
  readonly audienceIsIn?: string;
  obtain(host: TalkingHost, request: TokenRequest): Secret | Promise<Secret>;
}

/** All providers, in the order of the help. */
export const OIDC_PROVIDERS: readonly OidcProvider[] = [
  {
    name: "github",
    async obtain(host, { audience = AUDIENCE }) {
      const { requestGithubToken } = await import("./github.ts");
      return await requestGithubToken(host, audience);
    },
  },
  {
    name: "gitlab",
    audienceIsIn: "the job's id_tokens",
    obtain: ({ env }) =>
      fromVariables(env, ["GITLAB_OIDC_TOKEN"], [
        "Add to the job: id_tokens: {GITLAB_OIDC_TOKEN: {aud: sts.amazonaws.com}}",
        "To use a token with another name: --oidc env:NAME",
      ]),
  },
  {
    name: "circleci",
    async obtain(host, { audience }) {
      if (audience !== undefined) return await runProgram(host, "circleci", circleciLine(audience));
      const names = ["CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN"];
      return fromVariables(host.env, names, ["A job has a token if it uses a context"]);
    },
  },
  {
    name: "buildkite",
    obtain: (host, { audience = AUDIENCE }) =>
      runProgram(
        host,
        "buildkite",
        [
          ...["buildkite-agent", "oidc", "request-token", "--audience"],
          quoteForShell(audience),
        ].join(" "),
      ),
  },
  {
    name: "bitbucket",
    audienceIsIn: "the repository's OpenID Connect settings",
    obtain: ({ env }) =>
      fromVariables(env, ["BITBUCKET_STEP_OIDC_TOKEN"], ["Add to the step: oidc: true"]),
  },
  {
    name: "env",
    argument: "NAME",
    audienceIsIn: "what sets the variable",
    obtain: ({ env }, { argument }) => fromVariables(env, [argument], []),
  },
  {
    name: "file",
    argument: "PATH",
    audienceIsIn: "what writes the file",
    obtain({ files }, { argument }) {
      const text = files.readText(argument);
      if (text !== undefined) return parseToken(text, quote(argument));
      throw new VaultError(
        "file-failed",
        `Cannot get a token: there is no file ${quote(argument)}`,
      );
    },
  },
  {
    name: "cmd",
    argument: "COMMAND",
    audienceIsIn: "the command",
    obtain: (host, { argument }) => runProgram(host, "cmd", argument),
  },
];

function circleciLine(audience: string): string {
  const claims = JSON.stringify({ aud: audience });
  return `circleci run oidc get --claims ${quoteForShell(claims)}`;
}

function fromVariables(
  env: Host["env"],
  names: readonly string[],
  hints: readonly string[],
): Secret {
  const name = names.find((name) => env.get(name));
  if (name !== undefined) return parseToken(env.get(name)!, `the variable ${name}`);
  const what = names.length === 1 ? `${names[0]} is not set` : `none of ${names.join(", ")} is set`;
  throw new VaultError("no-credentials", `Cannot get a token: ${what}`, { hints });
}

async function runProgram(host: TalkingHost, name: string, command: string): Promise<Secret> {
  const output = await runHelper(host, {
    profile: `oidc:${name}`,
    setting: "command",
    command,
    timeoutMs: PROGRAM_TIMEOUT_MS,
  });
  return parseToken(output, `the output of --oidc ${name}`);
}
