/**
 * Stories: what a person or a script does with the program, and everything that comes of it.
 *
 * A story is a txtar file: a script, then the files of the home folder (`-- .aws/config --`). Its
 * lines, in their order:
 *
 * ```text
 * # a comment
 * shell cmd             the shell of its lines: cmd, powershell, sh; without such a line that is sh, or
 *                       on Windows none, where each command means the same without one
 * aws regions=any account=111122223333 alias=corp new-key-refusals=3
 *                       the world; these lines stand before the first command
 * user jonsmith mfa=123456,234567 keys=2 deny=iam:ListAccessKeys
 *                       a user (mfa=any, mfa=totp with a seed, mfa=NAME:123456,…, mfa=NAME:fido, again)
 * role job subjects=a,b
 *                       a role that is assumed with a token of one of these
 * role foo mfa external-id=x max=7200 trusts=role/bar,user/jonsmith tags=team source-identity=x
 * sso person=refuses account=111122223333:Main:Admin,ReadOnly pending=2
 *                       Identity Center; names have _ for a blank
 * signin person=refuses user=NAME seconds=900
 *                       AWS Sign-In, for `login_session`
 * machine role=NAME v2=only|none token=TEXT
 *                       a machine at {url}, and a container at {url}/container
 * person user=bob       changes it from here on
 * end-tokens refresh-too
 *                       AWS ends every access token (refresh-too: and every refresh token)
 * stored work = jonsmith
 *                       stores that user's key by `add --env` (name alone: the same)
 * env NAME=value        for the commands from here on; `env -NAME` takes it away
 * fault throttle AssumeRole times=2
 *                       adds to the script of faults (tests/servers/faults.ts)
 * clock +20m            AWS's clock from here on
 * $ aws-vault exec work -- env
 *                       a command of the shell, in the home folder, without a terminal
 * > text                a line of standard output
 * 2> text               a line of standard error
 * aws> GetSessionToken by key/jonsmith for 3600s with MFA
 *                       a call that AWS saw (renderCall)
 * exit 7                0 where there is no such line
 * reveals credentials   its standard output and terminal may hold secret keys, tokens and seeds
 * $tty aws-vault exec work -- true
 *                       the same with a terminal of its own, for what is asked there
 * ? Enter MFA code      waits for this on the terminal
 * < 123456              types it (`^C`, `^D`: that key)
 * tty> text             a line of the terminal; where there are none, it is not compared
 * ```
 *
 * What is not written does not happen: no line of `>` means no output, no line of `aws>` no call.
 * In commands, values and files `{key USER}`, `{secret USER}`, `{seed USER}` (of the MFA device),
 * `{code USER +2}` (its code two windows of 30 s from now), `{token SUBJECT}`, `{saml ROLE-ARN,…}`,
 * `{url}`, `{home}` and `{passphrase}` are filled in; in output `<ASIA>`, `<SECRET>`, `<TOKEN>`, `<TIME>`, `<UUID>`,
 * `<URL>`, `<HOST>`, `<HOME>`, `<KEY USER>` stand for what varies, `<ANY>` for any text in a line,
 * and `...` for any lines.
 *
 * A command of plain words runs in the test's process (`words_in_process.ts`), all others in one of
 * their own; with the binary of `AWS_VAULT_BIN` every command does.
 */

import type { FakeAwsOptions } from "../servers/fake_aws.ts";
import type { FaultSpec } from "../servers/faults.ts";
import type { IdentityCenterSpec } from "../servers/identity_center.ts";
import type { ShellName } from "./shells.ts";
import {
  parseAws,
  parseFault,
  parseIdentityCenter,
  parseMachine,
  parseOffset,
  parseRole,
  parseSignin,
  parseUser,
  splitWords,
} from "./world.ts";

export interface Story {
  readonly shell: ShellName;
  /** It names its shell, or has a script for one: no line of it runs without. */
  readonly needsShell: boolean;
  readonly world: FakeAwsOptions;
  readonly steps: readonly Step[];
  /** Path in the home folder to content. */
  readonly files: ReadonlyMap<string, string>;
}

export type Step =
  | { readonly kind: "env"; readonly name: string; readonly value: string | undefined }
  | { readonly kind: "fault"; readonly fault: FaultSpec }
  | { readonly kind: "clock"; readonly offsetMs: number }
  | { readonly kind: "person"; readonly change: IdentityCenterSpec }
  | { readonly kind: "end-tokens"; readonly refreshToo: boolean }
  | { readonly kind: "stored"; readonly profile: string; readonly user: string }
  | CommandStep;

/** A command with everything that is expected of it. */
export interface CommandStep {
  readonly kind: "command";
  readonly command: string;
  /** What is awaited and typed on the terminal; absent where there is no terminal. */
  readonly terminal: readonly Keystroke[] | undefined;
  readonly reveals: boolean;
  readonly expected: Outcome;
  /** The lines of the file that say what is expected, from 0; what an update replaces. */
  readonly lines: { readonly from: number; readonly to: number };
}

export type Keystroke = { readonly wait: string } | { readonly type: string };

/** All that comes of a command. */
export interface Outcome {
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Absent: not compared. */
  readonly tty?: readonly string[];
  readonly calls: readonly string[];
  readonly exit: number;
}

/** Parses a story; throws with the number of a line that it does not understand. */
export function parseStory(text: string): Story {
  const [script, files] = splitArchive(text);
  const world: { -readonly [Key in keyof FakeAwsOptions]: FakeAwsOptions[Key] } = {};
  const steps: Step[] = [];
  let shell: ShellName | undefined;
  for (let at = 0; at < script.length; at++) {
    const line = script[at]!;
    const [word = "", ...rest] = splitWords(line);
    if (word === "" || word.startsWith("#")) continue;
    if (word === "shell") shell = rest[0] as ShellName;
    else if (word === "aws") Object.assign(world, parseAws(rest));
    else if (word === "user") world.users = [...world.users ?? [], parseUser(rest)];
    else if (word === "sso") world.identityCenter = parseIdentityCenter(rest);
    else if (word === "signin") world.signin = parseSignin(rest);
    else if (word === "machine") world.machine = parseMachine(rest);
    else if (word === "role") world.roles = [...world.roles ?? [], parseRole(rest)];
    else if (word === "$" || word === "$tty") {
      const step = parseCommand(script, at);
      steps.push(step);
      at = step.lines.to - 1;
    } else steps.push(parseStep(word, rest, line, at));
  }
  const needsShell = shell !== undefined || /^#!/m.test([...files.values()].join("\n"));
  return { shell: shell ?? "sh", needsShell, world, steps, files };
}

function parseStep(word: string, rest: readonly string[], line: string, at: number): Step {
  const value = line.slice(word.length).trim();
  if (word === "env") return parseEnv(value);
  if (word === "fault") return { kind: "fault", fault: parseFault(rest) };
  if (word === "clock") return { kind: "clock", offsetMs: parseOffset(value) };
  if (word === "person") return { kind: "person", change: parseIdentityCenter(rest) };
  if (word === "end-tokens") return { kind: word, refreshToo: rest.includes("refresh-too") };
  if (word === "stored") {
    const [profile = "", user = profile] = value.split(" = ");
    return { kind: "stored", profile, user };
  }
  throw new Error(`line ${at + 1} of the story is not understood: ${line}`);
}

function parseEnv(value: string): Step {
  if (value.startsWith("-")) return { kind: "env", name: value.slice(1), value: undefined };
  const equals = value.indexOf("=");
  return { kind: "env", name: value.slice(0, equals), value: value.slice(equals + 1) };
}

function parseCommand(script: readonly string[], at: number): CommandStep {
  const line = script[at]!;
  const hasTerminal = line.startsWith("$tty ");
  const terminal: Keystroke[] = [];
  const outcome = { stdout: [], stderr: [], calls: [], exit: 0 } as {
    stdout: string[];
    stderr: string[];
    tty?: string[];
    calls: string[];
    exit: number;
  };
  let reveals = false;
  let from = at + 1;
  let to = from;
  for (; to < script.length; to++) {
    const match = /^(>|2>|tty>|aws>|\?|<|exit|reveals)(?: (.*))?$/.exec(script[to]!);
    if (match === null) break;
    const [, mark, text = ""] = match;
    if (mark === ">") outcome.stdout.push(text);
    else if (mark === "2>") outcome.stderr.push(text);
    else if (mark === "tty>") (outcome.tty ??= []).push(text);
    else if (mark === "aws>") outcome.calls.push(text);
    else if (mark === "exit") outcome.exit = Number(text);
    else {
      from = to + 1;
      if (mark === "reveals") reveals = true;
      else terminal.push(mark === "?" ? { wait: text } : { type: text });
    }
  }
  return {
    kind: "command",
    command: line.slice(hasTerminal ? 5 : 2),
    terminal: hasTerminal ? terminal : undefined,
    reveals,
    expected: outcome,
    lines: { from, to },
  };
}

/** The lines of the script, and the files after it. */
function splitArchive(text: string): [string[], Map<string, string>] {
  const [script = "", ...parts] = text.split(/^-- (.+) --\n/m);
  const files = new Map<string, string>();
  for (let at = 0; at < parts.length; at += 2) files.set(parts[at]!.trim(), parts[at + 1] ?? "");
  return [script.split("\n"), files];
}

/** The lines that say an outcome, as a story has them. */
export function renderOutcome(outcome: Outcome): string[] {
  const mark = (mark: string, lines: readonly string[] = []) =>
    lines.map((line) => line === "" ? mark : `${mark} ${line}`);
  return [
    ...mark("tty>", outcome.tty),
    ...mark(">", outcome.stdout),
    ...mark("2>", outcome.stderr),
    ...mark("aws>", outcome.calls),
    ...(outcome.exit === 0 ? [] : [`exit ${outcome.exit}`]),
  ];
}
