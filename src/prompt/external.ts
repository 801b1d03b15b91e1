import { VaultError } from "../errors.ts";
import { renderDesktopEnvironment } from "../helper_environment.ts";
import { type Host, type Platform, ProgramFailure, type ProgramRequest } from "../host.ts";
import { Secret } from "../secret.ts";
import { quote } from "../text.ts";
import {
  type ExternalDriver,
  isExternal,
  type PromptDriver,
  promptDriversOn,
} from "./driver_names.ts";
import {
  type MfaCode,
  type MfaQuestion,
  parseMfaCode,
  renderMfaQuestion,
  renderMfaReason,
} from "./mfa_prompt.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Command = Pick<ProgramRequest, "command" | "args" | "stdin">;

/** The question that a program asks. */
interface Question {
  readonly serial: string;
  /** The text of a window. */
  readonly text: string;
}

interface Driver {
  /** The command that gets a code from the program. */
  readonly call: (question: Question, env: Environment) => Command;
  /**
   * Whether it is a window in which a person types the code: closing it (exit code 1) is the person's "no",
   * not a failure.
   */
  readonly isWindow: boolean;
  /** Shown on the terminal while the program waits, if its own request would not be seen. */
  readonly request?: string;
  /** Whether it may be used without being named, if its program is installed; absent: never. */
  readonly isUnasked?: (env: Environment, os: Platform["os"]) => boolean;
  /** The name of its program, if it differs from the driver's name. */
  readonly program?: string;
}

/** Whether windows can be shown: X11 or Wayland; macOS and Windows always have a desktop. */
const hasDisplay = (env: Environment) => Boolean(env["DISPLAY"] || env["WAYLAND_DISPLAY"]);

/** The drivers, in the order in which they are tried if none is named. */
const DRIVERS = {
  kdialog: { isWindow: true, call: callKdialog, isUnasked: hasDisplay },
  osascript: {
    isWindow: true,
    call: callOsascript,
    isUnasked: (_, os) => os === "darwin",
  },
  wincredui: {
    isWindow: true,
    call: callInputBox,
    isUnasked: (_, os) => os === "windows",
    program: "powershell.exe",
  },
  // ykman prints its own request on standard error, which SDKs swallow.
  ykman: {
    isWindow: false,
    call: callYkman,
    request: "Touch your YubiKey if it blinks\n",
    isUnasked: (env) =>
      Boolean(env["YKMAN_OATH_CREDENTIAL_NAME"] || env["YKMAN_OATH_DEVICE_SERIAL"]),
  },
  zenity: {
    isWindow: true,
    call: callZenity,
    isUnasked: hasDisplay,
  },
  pass: { isWindow: false, call: callPass },
  op: { isWindow: false, call: callOp },
} as const satisfies Readonly<Record<ExternalDriver, Driver>>;

/** The program that a driver runs; `undefined` if it is not another program. */
export function promptProgram(driver: PromptDriver): string | undefined {
  if (!isExternal(driver)) return undefined;
  const { call }: Driver = DRIVERS[driver];
  return call({ serial: "", text: "" }, {}).command;
}

/**
 * The driver that is used without a terminal if none was named: the first whose program is installed and
 * that can reach a person. `ykman` is considered only if its variables name the account.
 */
export function findUnaskedDriver(deps: FindDeps): ExternalDriver | undefined {
  return findDriver(deps, () => true);
}

/** The window in which a person can be asked: the named one, or else the first available. */
export function findWindow(
  deps: FindDeps,
  named: PromptDriver | undefined,
): ExternalDriver | undefined {
  const isWindow = (driver: ExternalDriver) => DRIVERS[driver].isWindow;
  if (named !== undefined && isExternal(named) && isWindow(named)) return named;
  return findDriver(deps, isWindow);
}

type FindDeps = Pick<Host, "env" | "platform" | "programs">;

function findDriver(
  { env, platform, programs }: FindDeps,
  isMeant: (driver: ExternalDriver) => boolean,
): ExternalDriver | undefined {
  const variables = env.all();
  const isUsable = (driver: ExternalDriver) => {
    const { isUnasked, program = driver }: Driver = DRIVERS[driver];
    return isUnasked?.(variables, platform.os) === true && programs.find(program) !== undefined;
  };
  return (Object.keys(DRIVERS) as ExternalDriver[]).find((it) => isMeant(it) && isUsable(it));
}

/**
 * Gets an MFA code from a window, a YubiKey, `pass otp` or 1Password, called as aws-vault 7 calls them.
 *
 * Throws `interrupted` for a dismissed window, `helper-failed` otherwise; never shows the program's output.
 */
export async function obtainCodeFrom(
  deps: Pick<Host, "env" | "platform" | "programs" | "terminal">,
  driver: ExternalDriver,
  question: MfaQuestion,
): Promise<MfaCode> {
  const { call, isWindow, request }: Driver = DRIVERS[driver];
  const { serial } = question;
  const command = call({ serial, text: renderWindowText(question) }, deps.env.all());
  if (request !== undefined && await deps.terminal.isAvailable()) {
    await deps.terminal.write(request);
  }
  const { code, stdout } = await run(deps, driver, command, question.timeoutMs);
  if (isWindow && code === 1) {
    throw new VaultError("interrupted", `The prompt of ${driver} was dismissed`);
  }
  if (code !== 0) throw failure(deps, driver, `it ended with exit code ${code}`);
  const mfaCode = parseMfaCode(new Secret(new TextDecoder().decode(stdout)));
  if (!mfaCode) throw failure(deps, driver, "it did not give a code of six digits");
  return { code: mfaCode, mayRepeat: isWindow };
}

/**
 * Shows a text in a window and returns what the person typed; empty if the window was dismissed. Throws
 * `helper-failed` if there is no such window.
 */
export async function askInWindow(
  deps: Pick<Host, "env" | "programs">,
  driver: ExternalDriver,
  text: string,
): Promise<string> {
  const command = (DRIVERS[driver] as Driver).call({ serial: "", text }, {});
  const env = renderDesktopEnvironment(deps.env.all());
  try {
    const { code, stdout } = await deps.programs.run({ ...command, env, stderr: "inherit" });
    if (code === 0) return new TextDecoder().decode(stdout);
    if (code === 1) return "";
    throw windowFailure(driver, `it ended with exit code ${code}`);
  } catch (error) {
    if (!(error instanceof ProgramFailure)) throw error;
    throw windowFailure(driver, `${quote(command.command)} cannot be started`, error);
  }
}

function windowFailure(driver: ExternalDriver, problem: string, cause?: unknown): VaultError {
  return new VaultError("helper-failed", `Cannot ask with ${driver}: ${problem}`, {
    hints: ["Choose another --prompt"],
    cause,
  });
}

async function run(
  deps: Pick<Host, "env" | "platform" | "programs">,
  driver: PromptDriver,
  command: Command,
  timeoutMs: number | undefined,
) {
  const env = renderDesktopEnvironment(deps.env.all());
  try {
    return await deps.programs.run({ ...command, env, stderr: "inherit", timeoutMs });
  } catch (error) {
    if (!(error instanceof ProgramFailure)) throw error;
    if (error.kind === "timeout") {
      const message = `Cannot get an MFA code with ${driver}: nobody answered in time`;
      throw new VaultError("needs-person", message, {
        hints: [hintAtOtherWays(deps.platform)],
        cause: error,
      });
    }
    throw failure(deps, driver, `${quote(command.command)} cannot be started`, error);
  }
}

function hintAtOtherWays({ os }: Platform): string {
  const names = promptDriversOn(os).join(", ");
  return `Give the code with --mfa-token, or choose another --prompt: ${names}`;
}

function failure(
  { platform }: Pick<Host, "platform">,
  driver: PromptDriver,
  problem: string,
  cause?: unknown,
): VaultError {
  const message = `Cannot get an MFA code with ${driver}: ${problem}`;
  return new VaultError("helper-failed", message, { hints: [hintAtOtherWays(platform)], cause });
}

/** A window shows no earlier lines, so the explanation is put above the question. */
function renderWindowText(question: MfaQuestion): string {
  return `${renderMfaReason(question)}\n${renderMfaQuestion(question)}`;
}

/** Calls zenity, which parses its text as Pango markup. */
function callZenity(question: Question): Command {
  const text = question.text
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return { command: "zenity", args: ["--entry", "--title", "aws-vault", "--text", text] };
}

function callKdialog({ text }: Question): Command {
  const args = ["--inputbox", text, "--title", "aws-vault"];
  return { command: "kdialog", args };
}

/** Passes the question as an argument, not in the script: a profile's name must not become code. */
function callOsascript({ text }: Question): Command {
  const script = [
    "on run argv",
    'display dialog (item 1 of argv) default answer "" buttons {"Cancel", "OK"} ' +
    'default button "OK" cancel button "Cancel" with title "aws-vault"',
    "return text returned of result",
    "end run",
  ];
  const args = [...script.flatMap((line) => ["-e", line]), text];
  return { command: "osascript", args };
}

/** Passes the question on standard input, not in the script, for the same reason. */
function callInputBox({ text }: Question): Command {
  const script = "Add-Type -AssemblyName Microsoft.VisualBasic; " +
    "$code = [Microsoft.VisualBasic.Interaction]::InputBox([Console]::In.ReadToEnd(), 'aws-vault'); " +
    "if ($code -eq '') { exit 1 }; $code";
  const args = ["-NoProfile", "-NonInteractive", "-Command", script];
  return { command: "powershell.exe", args, stdin: text };
}

/** Calls `ykman`; before version 4 (`AWS_VAULT_YKMAN_VERSION`) it had no `accounts` command. */
function callYkman({ serial }: Question, env: Environment): Command {
  const device = env["YKMAN_OATH_DEVICE_SERIAL"];
  const old = ["1", "2", "3"].includes(env["AWS_VAULT_YKMAN_VERSION"] ?? "");
  const args = [
    ...(device ? ["--device", device] : []),
    ...(old ? ["oath", "code"] : ["oath", "accounts", "code"]),
    "--single",
    env["YKMAN_OATH_CREDENTIAL_NAME"] || serial,
  ];
  return { command: "ykman", args };
}

function callPass({ serial }: Question, env: Environment): Command {
  return { command: "pass", args: ["otp", env["PASS_OATH_CREDENTIAL_NAME"] || serial] };
}

/** Calls `op` with the name or ID of the item in 1Password. */
function callOp({ serial }: Question, env: Environment): Command {
  return { command: "op", args: ["item", "get", env["OP_OATH_ITEM"] || serial, "--otp"] };
}
