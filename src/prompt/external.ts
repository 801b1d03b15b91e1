import { VaultError } from "../errors.ts";
import { renderHelperEnvironment } from "../helper_environment.ts";
import { type Host, ProgramFailure, type ProgramRequest } from "../host.ts";
import { Secret } from "../secret.ts";
import { quote } from "../text.ts";
import { type MfaCode, type MfaQuestion, parseMfaCode, renderMfaQuestion } from "./mfa_prompt.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Command = Pick<ProgramRequest, "command" | "args" | "stdin">;

interface Driver {
  /** How its program is called for a code. */
  readonly call: (question: MfaQuestion, env: Environment) => Command;
  /**
   * A window in which a person types the code: its dismissal is the person's "no" (an exit code of 1),
   * not a failure.
   */
  readonly isWindow: boolean;
  /** Shown at the terminal while the program waits, where its own request would not be seen. */
  readonly request?: string;
}

const DRIVERS = {
  zenity: { isWindow: true, call: callZenity },
  kdialog: { isWindow: true, call: callKdialog },
  osascript: { isWindow: true, call: callOsascript },
  wincredui: { isWindow: true, call: callInputBox },
  // ykman's own request is on standard error, which SDKs swallow.
  ykman: { isWindow: false, call: callYkman, request: "Touch your YubiKey if it blinks\n" },
  pass: { isWindow: false, call: callPass },
} as const satisfies Readonly<Record<string, Driver>>;

/** A program that asks a person, or has the code itself. */
export type ExternalDriver = keyof typeof DRIVERS;

/** What `--prompt` takes: the terminal itself, or another program. */
export type PromptDriver = "terminal" | ExternalDriver;

/** The names that `--prompt` takes. */
export const PROMPT_DRIVERS: readonly PromptDriver[] = [
  "terminal",
  ...(Object.keys(DRIVERS) as ExternalDriver[]),
];

/** Takes the value of `--prompt` or `AWS_VAULT_PROMPT`; throws `bad-usage` with the known names. */
export function parsePromptDriver(name: string): PromptDriver {
  const known = PROMPT_DRIVERS.find((driver) => driver === name);
  if (known) return known;
  throw new VaultError("bad-usage", `There is no way to prompt named ${quote(name)}`, {
    hints: [`Use one of: ${PROMPT_DRIVERS.join(", ")}`],
  });
}

/** The program that a driver runs; `undefined` for the terminal. */
export function promptProgram(driver: PromptDriver): string | undefined {
  if (driver === "terminal") return undefined;
  const { call }: Driver = DRIVERS[driver];
  return call({ serial: "", profile: "" }, {}).command;
}

/**
 * Gets an MFA code from a window, a YubiKey or `pass otp`, called as aws-vault 7 calls them.
 *
 * Throws `interrupted` for a dismissed window, `helper-failed` otherwise; never says what the program printed.
 */
export async function obtainCodeFrom(
  deps: Pick<Host, "env" | "programs" | "terminal">,
  driver: ExternalDriver,
  question: MfaQuestion,
): Promise<MfaCode> {
  const { call, isWindow, request }: Driver = DRIVERS[driver];
  const command = call(question, deps.env.all());
  if (request !== undefined && await deps.terminal.isAvailable()) {
    await deps.terminal.write(request);
  }
  const { code, stdout } = await run(deps, driver, command, question.timeoutMs);
  if (isWindow && code === 1) {
    throw new VaultError("interrupted", `The prompt of ${driver} was dismissed`);
  }
  if (code !== 0) throw failure(driver, `it ended with exit code ${code}`);
  const mfaCode = parseMfaCode(new Secret(new TextDecoder().decode(stdout)));
  if (!mfaCode) throw failure(driver, "it did not give a code of six digits");
  return { code: mfaCode, wasTyped: isWindow };
}

async function run(
  deps: Pick<Host, "env" | "programs">,
  driver: PromptDriver,
  command: Command,
  timeoutMs: number | undefined,
) {
  const env = renderHelperEnvironment(deps.env.all());
  try {
    return await deps.programs.run({ ...command, env, stderr: "inherit", timeoutMs });
  } catch (error) {
    if (!(error instanceof ProgramFailure)) throw error;
    if (error.kind === "timeout") {
      const message = `Cannot get an MFA code by ${driver}: nobody answered in time`;
      throw new VaultError("needs-person", message, { hints: [OTHER_WAYS], cause: error });
    }
    throw failure(driver, `${quote(command.command)} cannot be started`, error);
  }
}

const OTHER_WAYS = `Give the code with --mfa-token, or choose another --prompt: ${
  PROMPT_DRIVERS.join(", ")
}`;

function failure(driver: PromptDriver, problem: string, cause?: unknown): VaultError {
  const message = `Cannot get an MFA code by ${driver}: ${problem}`;
  return new VaultError("helper-failed", message, { hints: [OTHER_WAYS], cause });
}

/** zenity reads its text as Pango markup. */
function callZenity(question: MfaQuestion): Command {
  const text = renderMfaQuestion(question)
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return { command: "zenity", args: ["--entry", "--title", "aws-vault", "--text", text] };
}

function callKdialog(question: MfaQuestion): Command {
  const args = ["--inputbox", renderMfaQuestion(question), "--title", "aws-vault"];
  return { command: "kdialog", args };
}

/** The question is an argument and not part of the script: a profile's name must not become code. */
function callOsascript(question: MfaQuestion): Command {
  const script = [
    "on run argv",
    'display dialog (item 1 of argv) default answer "" buttons {"Cancel", "OK"} ' +
    'default button "OK" cancel button "Cancel" with title "aws-vault"',
    "return text returned of result",
    "end run",
  ];
  const args = [...script.flatMap((line) => ["-e", line]), renderMfaQuestion(question)];
  return { command: "osascript", args };
}

/** The question is standard input and not part of the script, for the same reason. */
function callInputBox(question: MfaQuestion): Command {
  const script = "Add-Type -AssemblyName Microsoft.VisualBasic; " +
    "$code = [Microsoft.VisualBasic.Interaction]::InputBox([Console]::In.ReadToEnd(), 'aws-vault'); " +
    "if ($code -eq '') { exit 1 }; $code";
  const args = ["-NoProfile", "-NonInteractive", "-Command", script];
  return { command: "powershell.exe", args, stdin: renderMfaQuestion(question) };
}

/** `ykman` before version 4 (`AWS_VAULT_YKMAN_VERSION`) had no `accounts`. */
function callYkman({ serial }: MfaQuestion, env: Environment): Command {
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

function callPass({ serial }: MfaQuestion, env: Environment): Command {
  return { command: "pass", args: ["otp", env["PASS_OATH_CREDENTIAL_NAME"] || serial] };
}
