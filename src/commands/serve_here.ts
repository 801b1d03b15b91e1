/** `serve` in this process: listens, answers, and ends on request. */

import type { Credentials } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import type { CaughtEnd, Listener } from "../host.ts";
import type { LocalListener } from "../local_sockets.ts";
import { printLines } from "../print.ts";
import type { GrantTerms } from "../grant_terms.ts";
import type { Grant } from "../server/grants.ts";
import type { Controlled, Under } from "../server/control.ts";
import type { Current } from "../server/live_credentials.ts";
import type { TalkingHost } from "../talk.ts";
import type { CommandContext, CredentialFlags, Invocation, NarrowingFlags } from "./context.ts";
import { hostFor, warnOfExposure } from "./container_server.ts";
import { renderStartGrant } from "./grant_formats.ts";
import { ServedProfiles } from "./served_profiles.ts";
import { takeServerPlace } from "./server_place.ts";
import type { StartGrant } from "./start_grants.ts";

/** The input of a server. */
export interface Serving {
  readonly flags: CredentialFlags & NarrowingFlags & {
    readonly port?: number | undefined;
    readonly address?: string | undefined;
    readonly iKnowWhatIExpose?: boolean | undefined;
  };
  /** The profiles that may be granted; any if none are named. */
  readonly profiles: readonly string[];
  readonly starts: readonly StartGrant[];
  /** Obtains the first credentials. */
  readonly first: () => Promise<ReadonlyMap<string, Credentials>>;
}

/** The exit code of a process that Ctrl-C ended (128 + SIGINT). */
const INTERRUPTED = 130;

/** How often to look for grants that have ended: nothing is renewed for them any more. */
const SWEEP_MS = 60_000;

/** Serves until a signal or `serve --stop` ends it, and gives the exit code. */
export async function serveHere(
  context: CommandContext,
  invocation: Invocation,
  serving: Serving,
): Promise<number> {
  const { host } = invocation;
  const place = await takeServerPlace(host);
  try {
    const first = await serving.first();
    invocation.keepDescriptors();
    // The keystore does not stay open: each renewal opens it again.
    await invocation.close();
    const server = await openServer(context, host, serving);
    try {
      await server.control(place.socket);
      await server.served.keepFirst(first);
      await server.announce(serving.starts);
      return await server.ended() === "interrupt" ? INTERRUPTED : 0;
    } finally {
      await server.close();
    }
  } finally {
    place.release();
  }
}

async function openServer(context: CommandContext, host: TalkingHost, serving: Serving) {
  const { Grants } = await import("../server/grants.ts");
  const { grantedHandler, profileUri } = await import("../server/granted.ts");
  const control = await import("../server/control.ts");
  const { LiveCredentials } = await import("../server/live_credentials.ts");
  const { flags, profiles, starts } = serving;
  const named = profiles.length === 0
    ? []
    : [...profiles, ...starts.flatMap((start) => start.profiles)];
  const served = new ServedProfiles({
    context,
    flags,
    host,
    open: (deps, first) => new LiveCredentials({ ...host, ...deps }, first),
  }, named);
  const grants = new Grants(host);
  // The host is known once the server listens; nobody has a token before.
  const gate = { host: "" };
  const current = (profile: string, grant: Grant) => served.current(profile, grant);
  const handler = grantedHandler({ gate, grants, current, clock: host.clock });
  const listener = host.servers.listen(flags.port ?? 0, handler, flags.address);
  gate.host = hostFor(flags.address, listener);
  if (flags.iKnowWhatIExpose) warnOfExposure(host, gate.host);
  const caught = await host.signals.catchEnd();
  return new Server({ host, listener, caught, served, grants, control, profileUri });
}

interface ServerParts {
  readonly host: TalkingHost;
  readonly listener: Listener;
  readonly caught: CaughtEnd;
  readonly served: ServedProfiles;
  readonly grants: Controlled["grants"];
  readonly control: typeof import("../server/control.ts");
  readonly profileUri: (host: string, profile: string) => string;
}

/** A server that answers, until it is closed. */
class Server implements Controlled {
  readonly served: ServedProfiles;
  readonly grants: Controlled["grants"];
  readonly #parts: ServerParts;
  readonly #caught: CaughtEnd;
  readonly #stopped = Promise.withResolvers<"end">();
  readonly #closing = new AbortController();
  #socket: LocalListener | undefined;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.served = parts.served;
    this.grants = parts.grants;
    this.#caught = parts.caught;
    void this.#sweep();
  }

  get host(): string {
    return this.#parts.listener.host;
  }

  get pid(): number {
    return this.#parts.host.platform.pid;
  }

  /** Listens for `grant` and `serve --stop`. */
  async control(path: string): Promise<void> {
    const { host, control } = this.#parts;
    this.#socket = await host.sockets.listen(path, (line) => control.handleControl(line, this));
  }

  /** Prints its address, and what the programs of the first grants need. */
  async announce(starts: readonly StartGrant[]): Promise<void> {
    const { host, control, profileUri } = this.#parts;
    const lines: string[] = [];
    for (const start of starts) {
      const uris = start.profiles.map((profile) => profileUri(this.host, profile));
      lines.push(...renderStartGrant(await control.makeGrant(this, start), uris));
    }
    printLines(host.stdout, [`Serving on http://${this.host}`, ...lines]);
  }

  requireServed(profile: string): void {
    this.served.requireServed(profile);
  }

  policiesUnder(profile: string, terms: GrantTerms): Promise<readonly string[]> {
    return this.served.policiesUnder(profile, terms);
  }

  async prepare(profile: string, under: Under): Promise<Current> {
    const current = await this.served.keep(profile, under).ready();
    // A profile that no grant needs is not renewed.
    if (current instanceof VaultError) this.changed();
    return current;
  }

  changed(): void {
    this.served.keepOnly(this.grants.live());
  }

  stop(): void {
    this.#stopped.resolve("end");
  }

  ended(): Promise<"interrupt" | "end"> {
    return Promise.race([this.#caught.arrived, this.#stopped.promise]);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.served.stop();
    this.#parts.listener.close();
    await this.#socket?.close();
    this.#caught.stop();
  }

  /** Ends if its folder or socket was removed: nobody could stop it or revoke a grant any longer. */
  #endWhereLost(): void {
    if (this.#socket === undefined || this.#socket.isThere()) return;
    this.#parts.host.talk.warn("The server's socket was removed: the server ends");
    this.stop();
  }

  async #sweep(): Promise<void> {
    const { clock } = this.#parts.host;
    const { signal } = this.#closing;
    try {
      while (!signal.aborted) {
        await clock.sleep(SWEEP_MS, signal);
        this.changed();
        this.#endWhereLost();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
