import { SERVICE_NAME, SERVICE_PATH } from "../../backends/secret_service/provider.ts";
import { DBusVariant } from "../../src/native.ts";
import { runs } from "../services.ts";
import { dbusLibrary, end, startBus, type TestBus } from "./session_bus.ts";

/** A gnome-keyring-daemon of a test's own. */
export interface GnomeKeyring extends AsyncDisposable {
  readonly bus: TestBus;
  readonly env: Readonly<Record<string, string>>;
  /** Makes a collection whose password is {@linkcode PASSWORD}, without a prompt, and gives its path. */
  createCollection(label: string): Promise<string>;
  lock(path: string): Promise<void>;
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
    bus.start("gnome-keyring-daemon", args, { name: SERVICE_NAME, stdin });
  let daemon = await start([...flags, "--unlock"], PASSWORD);
  return {
    bus,
    env: bus.env,
    createCollection: (label) => createCollection(bus, label),
    lock: (path) => lock(bus, path),
    kill: () => end(daemon),
    hang: () => daemon.kill("SIGSTOP"),
    restartLocked: async () => {
      await end(daemon);
      daemon = await start(flags);
    },
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  };
}

/** gnome-keyring's own call for its password manager: makes a collection with a given password. */
async function createCollection(bus: TestBus, label: string): Promise<string> {
  const service = { destination: SERVICE_NAME, path: SERVICE_PATH, timeoutMs: 5_000 };
  const [, session] = await bus.connection.call({
    ...service,
    interface: "org.freedesktop.Secret.Service",
    method: "OpenSession",
    parameterType: "(sv)",
    parameters: ["plain", new DBusVariant("s", "")],
  });
  const [path] = await bus.connection.call({
    ...service,
    interface: "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
    method: "CreateWithMasterPassword",
    parameterType: "(a{sv}(oayays))",
    parameters: [
      new Map([["org.freedesktop.Secret.Collection.Label", new DBusVariant("s", label)]]),
      [session!, new Uint8Array(), new TextEncoder().encode(PASSWORD), "text/plain"],
    ],
  });
  return String(path);
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
