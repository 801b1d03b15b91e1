import type { DBusValue } from "../../src/native.ts";
import { runs } from "../services.ts";
import { KDE6 } from "./kde6.ts";
import { startDisplay, type TestDisplay } from "./display.ts";
import { dbusLibrary, end, startBus, type TestBus } from "./session_bus.ts";

/** A kwalletd of a test's own. */
export interface KWallet extends AsyncDisposable {
  readonly bus: TestBus;
  readonly display: TestDisplay;
  readonly env: Readonly<Record<string, string>>;
  /** Opens the wallet as the login does (PAM), without a dialog; made when missing. */
  openWallet(wallet?: string): Promise<void>;
  /** Closes it, as the person does with "Close Wallet". */
  closeWallet(): Promise<void>;
  /** Writes an entry as another program would. */
  writeEntry(key: string, data: Uint8Array): Promise<void>;
  readEntry(key: string): Promise<Uint8Array>;
  /** Ends the service at once. */
  kill(): Promise<void>;
  /** Stops the service where it is: it has its name and answers nothing. */
  hang(): void;
}

export const KWALLET_INSTALL = "Debian: libkf5wallet-bin, xvfb, xdotool, dbus";

/** Whether a kwalletd can be started here, for `requireService`. */
export function hasKWallet(): boolean {
  return dbusLibrary !== undefined && runs("dbus-daemon", "--version") &&
    ["kwalletd5", "Xvfb", "xdotool"].every((program) => runs("which", program));
}

/** Which of KDE's wallets: the same interface at two names. */
interface Release {
  readonly name: string;
  /** Its other name on the bus, which it takes later. */
  readonly alias?: string;
  readonly path: string;
  readonly words: readonly [command: string, ...args: string[]];
  readonly env: Readonly<Record<string, string>>;
}

const RELEASE_5: Release = {
  name: "org.kde.kwalletd5",
  path: "/modules/kwalletd5",
  words: ["kwalletd5"],
  env: {},
};

const RELEASE_6: Release = {
  name: "org.kde.kwalletd6",
  alias: "org.freedesktop.secrets",
  path: "/modules/kwalletd6",
  words: KDE6.words("kwalletd6"),
  env: KDE6.env,
};

export const KWALLET6_INSTALL = `${KDE6.install}; Debian: xvfb, dbus`;

/** Whether a kwalletd6 can be started here, for `requireService`. */
export function hasKWallet6(): boolean {
  return KDE6.isHere() && dbusLibrary !== undefined && runs("dbus-daemon", "--version") &&
    ["Xvfb", "xdotool"].every((program) => runs("which", program));
}

/** What the login's password becomes (KWallet takes 56 bytes of PBKDF2-SHA512 and asks no more). */
const PASSWORD_HASH = new Uint8Array(56).fill(7);

/** Starts kwalletd5 on a bus and a display of its own, past its wizard. */
export function startKWallet(settings = "Enabled=true"): Promise<KWallet> {
  return start(RELEASE_5, settings);
}

/** Starts kwalletd6, which is a Secret Service too. */
export function startKWallet6(
  env: Readonly<Record<string, string>> = KDE6.env,
): Promise<KWallet> {
  return start({ ...RELEASE_6, env }, "Enabled=true");
}

async function start(release: Release, settings: string): Promise<KWallet> {
  const display = await startDisplay();
  const bus = await startBus({ DISPLAY: display.name });
  const config = `[Wallet]\nFirst Use=false\nPrompt on Open=false\n${settings}\n`;
  await Deno.writeTextFile(`${bus.folder}/config/kwalletrc`, config);
  const [command, ...args] = release.words;
  const names = [release.name, ...release.alias === undefined ? [] : [release.alias]];
  const daemon = await bus.start(command, args, { names, env: release.env });
  const call = callsOf(bus, release);
  const open = async () => Number(await call("open", "(sxs)", ["aws-vault", 0n, "aws-vault"]));
  return {
    bus,
    display,
    env: { ...bus.env, DISPLAY: display.name },
    openWallet: async (wallet = "aws-vault") => {
      await call("pamOpen", "(sayi)", [wallet, PASSWORD_HASH, 0]);
    },
    closeWallet: async () => {
      await call("close", "(sb)", ["aws-vault", true]);
    },
    writeEntry: async (key, data) => {
      const handle = await open();
      await call("createFolder", "(iss)", [handle, "aws-vault", "aws-vault"]);
      const entry = [handle, "aws-vault", key, data, "aws-vault"];
      await call("writeEntry", "(issays)", entry);
    },
    readEntry: async (key) => {
      const entry = [await open(), "aws-vault", key, "aws-vault"];
      return await call("readEntry", "(isss)", entry) as Uint8Array;
    },
    kill: () => end(daemon),
    hang: () => daemon.kill("SIGSTOP"),
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await display[Symbol.asyncDispose]();
    },
  };
}

function callsOf(bus: TestBus, { name, path }: Release) {
  type Parameters = readonly DBusValue[];
  return async (method: string, parameterType: string, parameters: Parameters) => {
    const [value] = await bus.connection.call({
      destination: name,
      path,
      interface: "org.kde.KWallet",
      method,
      parameterType,
      parameters,
      timeoutMs: 10_000,
    });
    return value;
  };
}
