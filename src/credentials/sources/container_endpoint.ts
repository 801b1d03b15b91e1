import type { ContainerEndpoint } from "../../aws/container_credentials.ts";
import { VaultError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { isLoopback } from "../../loopback.ts";
import { Secret } from "../../secret.ts";
import { quote } from "../../text.ts";

const RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

const ECS = "http://169.254.170.2";
/** Plain http is allowed to these, besides loopback: ECS, and EKS Pod Identity by IPv4 and IPv6. */
const HOSTS: ReadonlySet<string> = new Set(["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]);

/**
 * The endpoint that a container's variables name, in the order of botocore (`ContainerProvider`): the
 * relative URI before the full one, the token's file before the token. The file is read at each call, since
 * EKS replaces it.
 *
 * Throws `no-credentials` if no variable is set, and `bad-usage` for a URL to which SDKs would not send the
 * token: otherwise anyone who can set one variable of a container could have it sent to themselves.
 */
export function readContainerEndpoint(
  host: Pick<Host, "env" | "files">,
  profile: string,
): ContainerEndpoint {
  const [relative, full] = [host.env.get(RELATIVE), host.env.get(FULL)];
  if (!relative && !full) {
    throw new VaultError(
      "no-credentials",
      `Cannot get credentials for profile ${
        quote(profile)
      }: neither ${RELATIVE} nor ${FULL} is set`,
      { hints: ["credential_source = EcsContainer works in containers of ECS and EKS only"] },
    );
  }
  const url = relative ? fromRelative(relative) : checkFull(full!);
  return { url, token: readToken(host) };
}

/** `@host/` after the address of ECS would turn the address into a user name at another host. */
function fromRelative(path: string): string {
  const url = path.startsWith("/") ? URL.parse(ECS + path) : null;
  if (url?.origin === ECS) return url.href;
  throw bad(RELATIVE, `${quote(path)} is not a path`);
}

function checkFull(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw bad(FULL, `${quote(text)} is not an http or https URL of a host`);
  }
  const { protocol, hostname, href } = url;
  if (protocol === "https:" || isLoopback(hostname) || HOSTS.has(hostname)) return href;
  throw bad(
    FULL,
    `plain http to ${quote(hostname)} is not allowed; only https, this machine, ` +
      "169.254.170.2, 169.254.170.23 and fd00:ec2::23 are",
  );
}

function readToken({ env, files }: Pick<Host, "env" | "files">): Secret | undefined {
  const file = env.get(TOKEN_FILE);
  const text = file ? files.readText(file) : env.get(TOKEN);
  if (file && text === undefined) throw bad(TOKEN_FILE, `there is no file ${quote(file)}`);
  if (!file && !text) return undefined;
  const name = file ? TOKEN_FILE : TOKEN;
  if (text === "") throw bad(name, `${quote(file!)} is empty`);
  // A line break would inject an arbitrary header; SDKs refuse it, too.
  if (/^[ -~]+$/.test(text!)) return new Secret(text!);
  throw bad(
    name,
    "the token has line breaks or other characters that are not possible in a header",
  );
}

function bad(variable: string, problem: string): VaultError {
  return new VaultError("bad-usage", `Cannot understand ${variable}: ${problem}`);
}
