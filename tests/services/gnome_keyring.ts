import { SERVICE_NAME, SERVICE_PATH } from "../../backends/secret_service/provider.ts";
import { type DBusValue, DBusVariant } from "../../src/native.ts";
import { runs } from "../services.ts";
import { dbusLibrary, end, startBus, type TestBus } from "./session_bus.ts";

/** A gnome-keyring-daemon of a test's own. */
export interface GnomeKeyring extends AsyncDisposable {
  readonly bus: TestBus;
  readonly env: Readonly<Record<string, string>>;
  /** Makes a collection whose password is {@linkcode PASSWORD}, without a prompt, and gives its path. */
  createCollection(label: string): Promise<string>;
  lock(path: string): Promise<void>;
  /** Unlocks a collection with {@linkcode PASSWORD}, without a prompt. */
  unlock(path: string): Promise<void>;
  /** Ends the daemon at once. */
  kill(): Promise<void>;
  /** Stops the service where it is: it has its name and answers nothing. */
  hang(): void;
  /** Ends the daemon and starts it again, with everything locked. */
  restartLocked(): Promise<void>;
}

/** The password of every collection in the tests. */
export const PASSWORD = "correct horse";

/** Whether a gnome-keyring can be started here, for `requireService`. */
export function hasGnomeKeyring(): boolean {
  return dbusLibrary !== undefined && runs("dbus-daemon", "--version") &&
    runs("gnome-keyring-daemon", "--version");
}

export const GNOME_KEYRING_INSTALL = "Debian: gnome-keyring, libsecret-tools, dbus";

/** Starts the daemon on a bus of its own, with an unlocked collection `login` that is the default one. */
export async function startGnomeKeyring(
  extraEnv: Readonly<Record<string, string>> = {},
): Promise<GnomeKeyring> {
  const bus = await startBus(extraEnv);
  const flags = ["--foreground", "--components=secrets"];
  const start = (args: readonly string[], stdin?: string) =>
    bus.start("gnome-keyring-daemon", args, { names: [SERVICE_NAME], stdin });
  let daemon = await start([...flags, "--unlock"], PASSWORD);
  return {
    bus,
    env: bus.env,
    createCollection: (label) => createCollection(bus, label),
    lock: (path) => lock(bus, path),
    unlock: (path) => unlock(bus, path),
    kill: () => end(daemon),
    hang: () => daemon.kill("SIGSTOP"),
    restartLocked: async () => {
      await end(daemon);
      daemon = await start(flags);
    },
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  };
}

/** Makes a collection with the password. */
async function createCollection(bus: TestBus, label: string): Promise<string> {
  const properties = new Map([
    ["org.freedesktop.Secret.Collection.Label", new DBusVariant("s", label)],
  ]);
  const [path] = await callWithPassword(bus, "CreateWithMasterPassword", "a{sv}", properties);
  return String(path);
}

async function unlock(bus: TestBus, path: string): Promise<void> {
  await callWithPassword(bus, "UnlockWithMasterPassword", "o", path);
}

/** gnome-keyring's own calls for its password manager, which ask nobody. */
async function callWithPassword(
  bus: TestBus,
  method: string,
  type: string,
  parameter: DBusValue,
): Promise<readonly DBusValue[]> {
  const service = { destination: SERVICE_NAME, path: SERVICE_PATH, timeoutMs: 5_000 };
  const [, session] = await bus.connection.call({
    ...service,
    interface: "org.freedesktop.Secret.Service",
    method: "OpenSession",
    parameterType: "(sv)",
    parameters: ["plain", new DBusVariant("s", "")],
  });
  const password = new TextEncoder().encode(PASSWORD);
  return await bus.connection.call({
    ...service,
    interface: "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
    method,
    parameterType: `(${type}(oayays))`,
    parameters: [parameter, [session!, new Uint8Array(), password, "text/plain"]],
  });
}

async function lock(bus: TestBus, path: string): Promise<void> {
  await bus.connection.call({
    destination: SERVICE_NAME,
    path: SERVICE_PATH,
    interface: "org.freedesktop.Secret.Service",
    method: "Lock",
    parameterType: "(ao)",
    parameters: [[path]],
    timeoutMs: 5_000,
  });
}
