import { openDBusLibrary } from "../../src/system/ffi/gio.ts";
import type { Host } from "../../src/host.ts";
import { systemFiles } from "../../src/system/files.ts";
import { systemNative } from "../../src/system/native.ts";
import { systemRandom } from "../../src/system/random.ts";
import type { DBusConnection, DBusLibrary } from "../../src/native.ts";
import type { SecretServiceHost } from "../../backends/secret_service/keyring.ts";
import { firstLine } from "./program_output.ts";

/** A message bus of a test's own, with a home folder of its own for the services on it. */
export interface TestBus extends AsyncDisposable {
  readonly address: string;
  /** The temporary folder that all files of the services are in. */
  readonly folder: string;
  /** The whole environment for programs on this bus: nothing of the machine's desktop. */
  readonly env: Readonly<Record<string, string>>;
  readonly connection: DBusConnection;
  /** Starts a program on the bus; it is ended with the bus. */
  start(
    command: string,
    args: readonly string[],
    options?: StartOptions,
  ): Promise<Deno.ChildProcess>;
  /** Lets the bus start a program when somebody calls its name. */
  makeActivatable(name: string, commandLine: string): Promise<void>;
}

/** How a program on the bus is started. */
export interface StartOptions {
  readonly stdin?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The bus names to wait for. */
  readonly names?: readonly string[] | undefined;
}

/** GIO, opened once for all tests of a file: a library cannot be unloaded again. */
export const dbusLibrary: DBusLibrary | undefined = openDBusLibrary();

const CONFIG = (folder: string) =>
  `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${folder}/bus</listen>
  <servicedir>${folder}/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

/** Starts a bus. `extraEnv` reaches the programs that the bus itself starts. */
export async function startBus(
  extraEnv: Readonly<Record<string, string>> = {},
): Promise<TestBus> {
  const folder = await Deno.makeTempDir({ prefix: "aws-vault-bus-" });
  for (const name of ["run", "data", "config", "cache", "services"]) {
    await Deno.mkdir(`${folder}/${name}`, { mode: 0o700 });
  }
  await Deno.writeTextFile(`${folder}/bus.conf`, CONFIG(folder));
  const env = { ...privateEnvironment(folder), ...extraEnv };
  const daemon = new Deno.Command("dbus-daemon", {
    args: ["--nofork", "--print-address=1", `--config-file=${folder}/bus.conf`],
    clearEnv: true,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const address = await firstLine(daemon.stdout);
  const connection = await dbusLibrary!.connect(address, { timeoutMs: 5_000 });
  return new RunningBus(address, folder, env, connection, daemon);
}

function privateEnvironment(folder: string): Record<string, string> {
  return {
    PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
    HOME: folder,
    LANG: "C.UTF-8",
    XDG_RUNTIME_DIR: `${folder}/run`,
    XDG_DATA_HOME: `${folder}/data`,
    XDG_CONFIG_HOME: `${folder}/config`,
    XDG_CACHE_HOME: `${folder}/cache`,
    // Programs of GNOME and KDE would otherwise start helpers that outlive the test.
    GSETTINGS_BACKEND: "memory",
    GIO_USE_VFS: "local",
    NO_AT_BRIDGE: "1",
    KDE_DEBUG: "1",
  };
}

class RunningBus implements TestBus {
  readonly address: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly connection: DBusConnection;
  readonly #children: Deno.ChildProcess[];

  constructor(
    address: string,
    folder: string,
    env: Readonly<Record<string, string>>,
    connection: DBusConnection,
    daemon: Deno.ChildProcess,
  ) {
    this.address = address;
    this.folder = folder;
    this.env = { ...env, DBUS_SESSION_BUS_ADDRESS: address };
    this.connection = connection;
    this.#children = [daemon];
  }

  async start(
    command: string,
    args: readonly string[],
    options: StartOptions = {},
  ): Promise<Deno.ChildProcess> {
    const owned = options.names === undefined ? undefined : this.#listenForOwner();
    const child = new Deno.Command(command, {
      args: [...args],
      clearEnv: true,
      env: { ...this.env, ...options.env },
      stdin: options.stdin === undefined ? "null" : "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#children.push(child);
    if (options.stdin !== undefined) {
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(options.stdin));
      await writer.close();
    }
    if (owned !== undefined) await this.#untilOwned(owned, options.names!, command);
    return child;
  }

  /** A signal says so; where none comes, the bus is asked: a busy machine may have lost it. */
  async #untilOwned(
    changes: ReturnType<DBusConnection["listen"]>,
    names: readonly string[],
    command: string,
  ): Promise<void> {
    const deadline = performance.now() + 60_000;
    const missing = new Set(names);
    try {
      while (performance.now() < deadline) {
        const change = await changes.next({ timeoutMs: 1_000 });
        if (change !== undefined && change[2] !== "") missing.delete(String(change[0]));
        for (const name of change === undefined ? missing : []) {
          if (await this.#isOwned(name)) missing.delete(name);
        }
        if (missing.size === 0) return;
      }
    } finally {
      changes.close();
    }
    throw new Error(`${command} did not take the name ${[...missing].join(", ")}`);
  }

  async #isOwned(name: string): Promise<boolean> {
    const [isOwned] = await this.connection.call({
      destination: "org.freedesktop.DBus",
      path: "/org/freedesktop/DBus",
      interface: "org.freedesktop.DBus",
      method: "NameHasOwner",
      parameterType: "(s)",
      parameters: [name],
      timeoutMs: 5_000,
    });
    return isOwned === true;
  }

  #listenForOwner() {
    return this.connection.listen({
      sender: "org.freedesktop.DBus",
      path: "/org/freedesktop/DBus",
      interface: "org.freedesktop.DBus",
      member: "NameOwnerChanged",
    });
  }

  async makeActivatable(name: string, commandLine: string): Promise<void> {
    const service = `[D-BUS Service]\nName=${name}\nExec=${commandLine}\n`;
    await Deno.writeTextFile(`${this.folder}/services/${name}.service`, service);
    await this.connection.call({
      destination: "org.freedesktop.DBus",
      path: "/org/freedesktop/DBus",
      interface: "org.freedesktop.DBus",
      method: "ReloadConfig",
      timeoutMs: 5_000,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.close();
    // The bus last: what hangs on it may still want to say good-bye.
    for (const child of this.#children.reverse()) await end(child);
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Ends a child, whether or not it ended by itself, and waits until it is gone. */
export async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // Already gone.
  }
  await child.status;
}

/** A host for the back ends of desktops, with what they say. */
export function desktopHost(
  env: Readonly<Record<string, string>>,
): SecretServiceHost & Pick<Host, "files" | "platform"> & { readonly said: string[] } {
  const said: string[] = [];
  return {
    said,
    env: { get: (name) => env[name], all: () => env },
    native: {
      ...systemNative(),
      dbus: () => Promise.resolve(dbusLibrary),
      kernelKeys: () => Promise.resolve(undefined),
    },
    random: systemRandom(),
    files: systemFiles(),
    platform: { os: "linux", pid: 1, home: env["HOME"], executable: "aws-vault", user: "1000" },
    talk: { warn: (text) => void said.push(text) },
  };
}
