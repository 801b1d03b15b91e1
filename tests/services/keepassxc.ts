import { SERVICE_NAME, SERVICE_PATH } from "../../backends/secret_service/provider.ts";
import { runs } from "../services.ts";
import { startDisplay, type TestDisplay } from "./display.ts";
import { dbusLibrary, end, startBus, type TestBus } from "./session_bus.ts";

/** A KeePassXC of a test's own, with an open database whose group `Secrets` is its one collection. */
export interface KeePassXC extends AsyncDisposable {
  readonly bus: TestBus;
  readonly display: TestDisplay;
  readonly env: Readonly<Record<string, string>>;
  /** Locks the database, as the person does with Ctrl+L. */
  lock(): Promise<void>;
  /** The titles in the database, as `keepassxc-cli` lists them, by their groups. */
  entries(): Promise<string[]>;
  /** The titles of its windows, dialogs among them, without the mark of what is not yet saved. */
  windows(): Promise<string[]>;
  /** Types the master password into the dialog that asks for it. */
  answerUnlock(password: string): Promise<void>;
  /** Allows what "Access Request" asks. */
  allowAccess(): Promise<void>;
  /** Stops the program where it is: it has its name and answers nothing. */
  hang(): void;
  /** How the program ended by itself, as by a signal; `undefined` where it runs. */
  crash(): Promise<string | undefined>;
}

/** What the person has set on KeePassXC's page "Secret Service Integration". */
export interface KeePassXCSettings {
  readonly confirmAccess?: boolean;
  readonly confirmDelete?: boolean;
  /** No group of the database is shown to the bus. */
  readonly sharesNothing?: boolean;
  /** It starts with the login, with a database that was not opened since. */
  readonly isNeverOpened?: boolean;
}

export const KEEPASSXC_INSTALL = "Debian: keepassxc, xvfb, xdotool, dbus";

/** The master password of the database. */
export const MASTER_PASSWORD = "correct horse";

/** Whether a KeePassXC can be started here, for `requireService`. */
export function hasKeePassXC(): boolean {
  return dbusLibrary !== undefined && runs("dbus-daemon", "--version") &&
    ["keepassxc", "keepassxc-cli", "Xvfb", "xdotool"].every((program) => runs("which", program));
}

/** A database in KeePass' XML form: the group that is shown to the bus is named in its custom data. */
const DATABASE = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<KeePassFile>
  <Meta>
    <DatabaseName>Passwords</DatabaseName>
    <RecycleBinEnabled>True</RecycleBinEnabled>
    <CustomData>
      <Item>
        <Key>FDO_SECRETS_EXPOSED_GROUP</Key>
        <Value>{11111111-2222-3333-4444-555555555555}</Value>
      </Item>
    </CustomData>
  </Meta>
  <Root>
    <Group>
      <UUID>AAECAwQFBgcICQoLDA0ODw==</UUID>
      <Name>Root</Name>
      <Group>
        <UUID>ERERESIiMzNERFVVVVVVVQ==</UUID>
        <Name>Secrets</Name>
      </Group>
    </Group>
  </Root>
</KeePassFile>
`;

/** Starts KeePassXC on a bus and a display of its own. */
export async function startKeePassXC(settings: KeePassXCSettings = {}): Promise<KeePassXC> {
  const display = await startDisplay();
  const bus = await startBus({ DISPLAY: display.name, QT_QPA_PLATFORM: "xcb" });
  const database = `${bus.folder}/passwords.kdbx`;
  await makeDatabase(bus, database, settings);
  await Deno.mkdir(`${bus.folder}/config/keepassxc`, { recursive: true });
  await Deno.writeTextFile(`${bus.folder}/config/keepassxc/keepassxc.ini`, configuration(settings));
  const flags = settings.isNeverOpened ? [] : ["--pw-stdin"];
  const program = await bus.start("keepassxc", [...flags, database], {
    names: [SERVICE_NAME],
    stdin: settings.isNeverOpened ? "" : `${MASTER_PASSWORD}\n`,
    // There is one KeePassXC for all that have a folder for temporary files in common.
    env: { TMPDIR: bus.folder },
  });
  const windows = async () =>
    (await display.windows("keepassxc")).map((title) => title.replace("*", ""));
  // It takes its name before it has opened the database, and shows that before it has unlocked it.
  const isOpen = async () => {
    const collection = await defaultCollection(bus);
    if (settings.isNeverOpened) return collection !== "/";
    if (!settings.sharesNothing) return collection !== "/" && !await isLocked(bus, collection);
    return collection === "/" && (await windows()).includes("Passwords - KeePassXC");
  };
  await waitUntil(isOpen, "KeePassXC did not open its database");
  const cli = (...args: string[]) => runCli(bus, [...args], `${MASTER_PASSWORD}\n`);
  return {
    bus,
    display,
    env: { ...bus.env, DISPLAY: display.name },
    lock: () => lock(bus),
    entries: async () =>
      (await cli("ls", "-R", "-f", "-q", database)).split("\n").filter((line) => line !== ""),
    windows,
    answerUnlock: async (password) => {
      await display.typeInto("^Unlock Database", password);
      await display.pressIn("^Unlock Database", ["Return"]);
    },
    allowAccess: () => display.pressIn("Access Request", ["Return"]),
    hang: () => program.kill("SIGSTOP"),
    crash: () => endWithin(program, 2_000),
    async [Symbol.asyncDispose]() {
      await end(program);
      await bus[Symbol.asyncDispose]();
      await display[Symbol.asyncDispose]();
    },
  };
}

/** How a program ended, where it does within so many milliseconds. */
async function endWithin(program: Deno.ChildProcess, ms: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  const status = await Promise.race([program.status, promise]);
  clearTimeout(timer);
  return status && (status.signal ?? `exit code ${status.code}`);
}

function configuration(settings: KeePassXCSettings): string {
  return `[General]
ConfigVersion=2
MinimizeAfterUnlock=false
[GUI]
CheckForUpdates=false
CheckForUpdatesIncludeBetas=false
[Security]
LockDatabaseIdle=false
[FdoSecrets]
Enabled=true
ShowNotification=false
ConfirmAccessItem=${settings.confirmAccess ?? false}
ConfirmDeleteItem=${settings.confirmDelete ?? false}
`;
}

async function makeDatabase(
  bus: TestBus,
  path: string,
  { sharesNothing }: KeePassXCSettings,
): Promise<void> {
  const xml = `${bus.folder}/passwords.xml`;
  const text = sharesNothing ? DATABASE.replace(/<CustomData>.*<\/CustomData>/s, "") : DATABASE;
  await Deno.writeTextFile(xml, text);
  await runCli(bus, ["import", "-q", "-p", xml, path], `${MASTER_PASSWORD}\n${MASTER_PASSWORD}\n`);
}

async function runCli(bus: TestBus, args: string[], stdin: string): Promise<string> {
  const child = new Deno.Command("keepassxc-cli", {
    args,
    clearEnv: true,
    env: { ...bus.env, QT_QPA_PLATFORM: "offscreen" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`keepassxc-cli ${args[0]} failed: ${text(stderr)}`);
  return text(stdout);
}

async function defaultCollection(bus: TestBus): Promise<string> {
  const [path] = await bus.connection.call({
    destination: SERVICE_NAME,
    path: SERVICE_PATH,
    interface: "org.freedesktop.Secret.Service",
    method: "ReadAlias",
    parameterType: "(s)",
    parameters: ["default"],
    timeoutMs: 20_000,
  });
  return String(path);
}

/** It is locked when it has been saved, a little after the call. */
async function lock(bus: TestBus): Promise<void> {
  const collection = await defaultCollection(bus);
  await bus.connection.call({
    destination: "org.keepassxc.KeePassXC.MainWindow",
    path: "/keepassxc",
    interface: "org.keepassxc.KeePassXC.MainWindow",
    method: "lockAllDatabases",
    timeoutMs: 20_000,
  });
  await waitUntil(() => isLocked(bus, collection), "KeePassXC did not lock its database");
}

async function isLocked(bus: TestBus, collection: string): Promise<boolean> {
  const [locked] = await bus.connection.call({
    destination: SERVICE_NAME,
    path: collection,
    interface: "org.freedesktop.DBus.Properties",
    method: "Get",
    parameterType: "(ss)",
    parameters: ["org.freedesktop.Secret.Collection", "Locked"],
    timeoutMs: 20_000,
  });
  return locked === true;
}

async function waitUntil(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline) {
    // While it opens a database it answers nothing, on a busy machine for long.
    if (await isSo().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(otherwise);
}
