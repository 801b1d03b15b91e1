/** `exec --server`: a container credential endpoint beside the child, for as long as it runs. */

import type { Credentials } from "../credentials.ts";
import type { ProfilePlan } from "../credentials/profile_plan.ts";
import { withRole } from "../credentials/plan_role.ts";
import { hasCode, VaultError } from "../errors.ts";
import type { CredentialAccess } from "../exec/environment.ts";
import type { Listener } from "../host.ts";
import { Secret } from "../secret.ts";
import type { LiveCredentials, LiveDeps } from "../server/live_credentials.ts";
import type { Talk } from "../talk.ts";
import { asClause, commandLine, quote } from "../text.ts";
import type { CommandContext, Invocation } from "./context.ts";
import { type AccessFlags, planAccess } from "./plan_access.ts";
import { handOut } from "./hand_out.ts";

/** The flags of the server. */
interface ServerFlags extends AccessFlags {
  readonly lazy?: boolean | undefined;
  readonly port?: number | undefined;
  readonly allowRole?: readonly string[] | undefined;
}

/** A server that runs, and how the child finds it. */
export interface ContainerServer {
  readonly access: CredentialAccess;
  close(): void;
}

const TOKEN_BYTES = 32;

/** More roles than this at once are a program that counts them. */
const MOST_ROLES = 100;

/** Starts the server, once the profile's credentials are there (`--lazy`: at once). */
export async function openContainerServer(
  context: CommandContext,
  invocation: Invocation,
  flags: ServerFlags,
  planned: ProfilePlan,
): Promise<ContainerServer> {
  const { containerHandler } = await import("../server/container.ts");
  const { LiveCredentials } = await import("../server/live_credentials.ts");
  const first = flags.lazy
    ? undefined
    : await handOut(invocation, flags, planned, { by: "exec --server" });
  const { host } = invocation;
  const open: OpenLive = (deps, first) => new LiveCredentials({ ...host, ...deps }, first);
  const source = new LiveSource(context, flags, planned.profile.name, host.talk, open, first);
  const token = new Secret(host.random.bytes(TOKEN_BYTES).toBase64({ alphabet: "base64url" }));
  // The host is known once the server listens; nobody knows its port before.
  const gate = { host: "", token };
  const options = { gate, source, allowedRoles: flags.allowRole ?? [], clock: host.clock };
  let listener: Listener;
  try {
    listener = host.servers.listen(flags.port ?? 0, containerHandler(options));
  } catch (error) {
    source.stop();
    throw error;
  }
  gate.host = listener.host;
  return {
    access: { kind: "container", uri: `http://${listener.host}/`, token },
    close() {
      source.stop();
      listener.close();
    },
  };
}

type OpenLive = (
  deps: Pick<LiveDeps, "obtain" | "onFailure">,
  first?: Credentials,
) => LiveCredentials;

/** The profile's credentials and those of roles, each kept alive from when it is asked for. */
class LiveSource {
  readonly #context: CommandContext;
  readonly #flags: ServerFlags;
  readonly #profile: string;
  readonly #talk: Talk;
  readonly #open: OpenLive;
  readonly #own: LiveCredentials;
  readonly #roles = new Map<string, LiveCredentials>();

  constructor(
    context: CommandContext,
    flags: ServerFlags,
    profile: string,
    talk: Talk,
    open: OpenLive,
    first: Credentials | undefined,
  ) {
    this.#context = context;
    this.#flags = flags;
    this.#profile = profile;
    this.#talk = talk;
    this.#open = open;
    this.#own = this.#keep((planned) => planned, first);
  }

  current() {
    return this.#own.current();
  }

  async ofRole(roleArn: string) {
    const known = this.#roles.get(roleArn);
    if (known === undefined && this.#roles.size >= MOST_ROLES) {
      return new VaultError("conflict", `This server serves ${MOST_ROLES} roles at most`);
    }
    const live = known ?? this.#keep((planned) => withRole(planned, roleArn));
    this.#roles.set(roleArn, live);
    return await live.current();
  }

  stop(): void {
    for (const live of [this.#own, ...this.#roles.values()]) live.stop();
  }

  #keep(change: (planned: ProfilePlan) => ProfilePlan, first?: Credentials): LiveCredentials {
    const live = this.#open({
      obtain: (minTtlSeconds) => this.#obtain(change, minTtlSeconds),
      onFailure: (error) => reportFailure(this.#talk, this.#profile, error),
    }, first);
    void live.keep();
    return live;
  }

  /**
   * In an invocation of its own, so that nothing of the keystore stays open in between; it asks nobody:
   * the terminal is the child's.
   */
  async #obtain(
    change: (planned: ProfilePlan) => ProfilePlan,
    minTtlSeconds: number,
  ): Promise<Credentials> {
    const { mfaToken: _, ...flags } = this.#flags;
    const renewal = this.#context.open({ ...flags, noPrompt: true });
    try {
      const planned = change(await planAccess(renewal, flags, this.#profile));
      return await handOut(renewal, flags, planned, { by: "exec --server" }, minTtlSeconds);
    } catch (error) {
      throw hasCode(error, "needs-person", "keyring-locked") ? this.#missing(error) : error;
    } finally {
      await renewal.close();
    }
  }

  /** Who does it elsewhere leaves new credentials in the cache, where the next renewal finds them. */
  #missing({ code, message }: VaultError): VaultError {
    return new VaultError(code, `A person is needed: ${asClause(message)}`, {
      hints: [`Run in another terminal: ${commandLine(["export"], this.#profile)}`],
    });
  }
}

function reportFailure(talk: Talk, profile: string, { message, hints }: VaultError): void {
  talk.warn(`Cannot renew the credentials of profile ${quote(profile)}: ${asClause(message)}`);
  for (const hint of hints) talk.hint(hint);
}
