import { runs } from "../services.ts";
import { startDisplay, type TestDisplay } from "./display.ts";
import { dbusLibrary, end, startBus, type TestBus } from "./session_bus.ts";

/** A kwalletd of a test's own. */
export interface KWallet extends AsyncDisposable {
  readonly bus: TestBus;
  readonly display: TestDisplay;
  readonly env: Readonly<Record<string, string>>;
  /** Opens the wallet as the login does (PAM), without a dialog; made when missing. */
  openWallet(): Promise<void>;
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

const NAME = "org.kde.kwalletd5";
/** What the login's password becomes (KWallet takes 56 bytes of PBKDF2-SHA512 and asks no more). */
const PASSWORD_HASH = new Uint8Array(56).fill(7);

/** Starts kwalletd5 on a bus and a display of its own, past its wizard. */
export async function startKWallet(settings = "Enabled=true"): Promise<KWallet> {
  const display = await startDisplay();
  const bus = await startBus({ DISPLAY: display.name });
  const config = `[Wallet]\nFirst Use=false\nPrompt on Open=false\n${settings}\n`;
  await Deno.writeTextFile(`${bus.folder}/config/kwalletrc`, config);
  const daemon = await bus.start("kwalletd5", [], { name: NAME });
  const open = async () => Number(await call(bus, "open", "(sxs)", ["aws-vault", 0n, "aws-vault"]));
  return {
    bus,
    display,
    env: { ...bus.env, DISPLAY: display.name },
    openWallet: async () => {
      await call(bus, "pamOpen", "(sayi)", ["aws-vault", PASSWORD_HASH, 0]);
    },
    closeWallet: async () => {
      await call(bus, "close", "(sb)", ["aws-vault", true]);
    },
    writeEntry: async (key, data) => {
      const handle = await open();
      await call(bus, "createFolder", "(iss)", [handle, "aws-vault", "aws-vault"]);
      const entry = [handle, "aws-vault", key, data, "aws-vault"];
      await call(bus, "writeEntry", "(issays)", entry);
    },
    readEntry: async (key) => {
      const entry = [await open(), "aws-vault", key, "aws-vault"];
      return await call(bus, "readEntry", "(isss)", entry) as Uint8Array;
    },
    kill: () => end(daemon),
    hang: () => daemon.kill("SIGSTOP"),
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await display[Symbol.asyncDispose]();
    },
  };
}

async function call(
  bus: TestBus,
  method: string,
  parameterType: string,
  parameters: Parameters<TestBus["connection"]["call"]>[0]["parameters"],
) {
  const [value] = await bus.connection.call({
    destination: NAME,
    path: "/modules/kwalletd5",
    interface: "org.kde.KWallet",
    method,
    parameterType,
    parameters,
    timeoutMs: 10_000,
  });
  return value;
}
