/** Runs stories: each in a home of its own, against an AWS of its own. */

import assert from "node:assert/strict";
import { BACKENDS } from "../../backends/mod.ts";
import { SOURCES } from "../../src/credentials/sources/mod.ts";
import { Folder } from "../folder.ts";
import { keyVariables, PASSPHRASE } from "../home.ts";
import { runInProcess } from "../in_process.ts";
import { type FakeAws, startFakeAws } from "../servers/fake_aws.ts";
import { writeProgram } from "../services/write_program.ts";
import { type Finished, runCommand } from "./command.ts";
import { holds, leaksBelow } from "./leaks.ts";
import type { ShellName } from "./shells.ts";
import { stagePrograms, systemVariables } from "./stage_programs.ts";
import { type CommandStep, type Outcome, parseStory, renderOutcome, type Step } from "./story.ts";
import { fillIn, matches, nameVarying } from "./varying.ts";
import { wordsInProcess } from "./words_in_process.ts";

/**
 * Runs a story, and throws at the first command that does not do what is written; `update` gives the
 * text of the story with what the commands really did.
 */
export async function runStory(text: string, options: { update?: boolean } = {}): Promise<string> {
  const story = parseStory(text);
  await using aws = await startFakeAws(story.world);
  using stage = new Stage(aws, story.shell);
  const lines = text.split("\n");
  let shift = 0;
  for (const [path, content] of story.files) stage.writeFile(path, content);
  for (const step of story.steps) {
    if (step.kind !== "command") await stage.prepare(step);
    else {
      const actual = await stage.perform(step);
      if (!options.update) compare(step, actual);
      else if (!isExpected(step, actual)) {
        const rendered = renderOutcome(step.expected.tty ? actual : withoutTty(actual));
        const { from, to } = step.lines;
        lines.splice(from + shift, to - from, ...rendered);
        shift += rendered.length - (to - from);
      }
    }
  }
  return lines.join("\n");
}

/** The folders, the environment and the AWS of one story. */
class Stage extends Folder {
  readonly #aws: FakeAws;
  readonly #home = `${this.path}/home`;
  readonly #env: Record<string, string>;
  readonly #shell: ShellName;
  readonly #mayHoldSecrets = new Set<string>();

  constructor(aws: FakeAws, shell: ShellName) {
    super();
    this.#aws = aws;
    this.#shell = shell;
    Deno.mkdirSync(this.#home);
    const bin = `${this.path}/bin`;
    Deno.mkdirSync(bin);
    for (const [name, text] of stagePrograms()) {
      writeProgram(`${bin}/${name}`, text);
    }
    this.#env = {
      ...systemVariables(bin),
      HOME: this.#home,
      LANG: "C.UTF-8",
      TERM: "dumb",
      AWS_VAULT_BACKEND: "file",
      AWS_VAULT_FILE_PASSPHRASE: PASSPHRASE,
      // Tests share the session keyring of the person who runs them.
      AWS_VAULT_FILE_UNLOCK_TTL: "0",
      AWS_ENDPOINT_URL: aws.url,
    };
  }

  writeFile(path: string, content: string): void {
    const full = `${this.#home}/${path}`;
    Deno.mkdirSync(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    const filled = fillIn(content, this.#place);
    if (content.startsWith("#!")) writeProgram(full, filled);
    else Deno.writeTextFileSync(full, filled, { mode: 0o600 });
    if (/\{(secret |passphrase)/.test(content)) this.#mayHoldSecrets.add(full);
  }

  async prepare(step: Exclude<Step, CommandStep>): Promise<void> {
    if (step.kind === "fault") this.#aws.fault(step.fault);
    else if (step.kind === "clock") this.#aws.world.clockOffsetMs = step.offsetMs;
    else if (step.kind === "person") this.#aws.world.identityCenter.change(step.change);
    else if (step.kind === "end-tokens") this.#endTokens(step);
    else if (step.kind === "stored") await this.#store(step.profile, step.user);
    else if (step.value === undefined) delete this.#env[step.name];
    else this.#env[step.name] = fillIn(step.value, this.#place);
  }

  #endTokens(step: { readonly refreshToo: boolean }): void {
    this.#aws.world.identityCenter.endTokens(step);
    if (step.refreshToo) this.#aws.world.signin.endAll();
  }

  async perform(step: CommandStep): Promise<Outcome> {
    const shell = fillIn(step.command, this.#place);
    const keys = step.terminal?.map((key) =>
      "type" in key ? { type: fillIn(key.type, this.#place) } : key
    );
    const finished = await this.#run(shell, keys, this.#env);
    this.#findLeaks(step, finished);
    const { unused, tty, stderr } = finished;
    assert.deepEqual(unused, [], `$ ${step.command} never asked; it said:\n${tty}${stderr}`);
    const lines = (text: string) => {
      const named = nameVarying(text, this.#place);
      return named === "" ? [] : named.replace(/\n$/, "").split("\n");
    };
    return {
      stdout: lines(finished.stdout),
      stderr: lines(finished.stderr),
      tty: lines(finished.tty),
      calls: this.#aws.takeCalls(),
      exit: finished.exit,
    };
  }

  async #store(profile: string, user: string): Promise<void> {
    const env = { ...this.#env, ...keyVariables(this.#aws, user) };
    const words = ["add", "--env", "--force", "--no-add-config", profile];
    const { code, stderr } = await runHere(words, env);
    assert.equal(code, 0, `cannot store a key for ${profile}: ${stderr}`);
  }

  async #run(
    shell: string,
    terminal: CommandStep["terminal"],
    env: Record<string, string>,
  ): Promise<Finished> {
    const words = terminal === undefined ? this.#wordsInProcess(shell) : undefined;
    if (words === undefined) {
      return await runCommand({ shell, by: this.#shell, terminal, env, cwd: this.#home });
    }
    const { code: exit, ...said } = await runHere(words, env);
    return { exit, ...said, tty: "", unused: [] };
  }

  #wordsInProcess(line: string): string[] | undefined {
    return this.#shell === "sh" ? wordsInProcess(line, this.#home) : undefined;
  }

  /** No secret in a file, and none in the output but where the story says so, never the passphrase. */
  #findLeaks(step: CommandStep, finished: Finished): void {
    const secrets = new Map(this.#aws.secrets().map((secret) => [secret, "a key or token"]));
    secrets.set(PASSPHRASE, "the passphrase");
    const leaks = leaksBelow(this.#home, secrets, this.#mayHoldSecrets);
    for (const [secret, name] of secrets) {
      const allowed = step.reveals && secret !== PASSPHRASE;
      if (!allowed && holds(finished.stdout, secret)) leaks.push({ where: "stdout", secret: name });
      if (holds(finished.stderr, secret)) leaks.push({ where: "stderr", secret: name });
      if (!allowed && holds(finished.tty, secret)) {
        leaks.push({ where: "the terminal", secret: name });
      }
    }
    assert.deepEqual(leaks, [], `$ ${step.command} leaks secrets`);
  }

  get #place() {
    return { aws: this.#aws, home: this.#home };
  }
}

function runHere(words: readonly string[], env: Readonly<Record<string, string>>) {
  const place = { env, backends: BACKENDS, sources: SOURCES, clockOffsetMs: 0 };
  return runInProcess(words, place, (host) => host);
}

function withoutTty({ tty: _, ...rest }: Outcome): Outcome {
  return rest;
}

function isExpected(step: CommandStep, actual: Outcome): boolean {
  const { expected } = step;
  return actual.exit === expected.exit && matches(actual.stdout, expected.stdout) &&
    matches(actual.stderr, expected.stderr) && matches(actual.calls, expected.calls) &&
    (expected.tty === undefined || matches(actual.tty ?? [], expected.tty));
}

/** Compares everything at once, so that a failure shows all that the command did. */
function compare(step: CommandStep, actual: Outcome): void {
  if (isExpected(step, actual)) return;
  const isCompared = step.expected.tty !== undefined || step.terminal === undefined;
  const shown = renderOutcome(isCompared ? actual : withoutTty(actual)).join("\n");
  const terminal = step.terminal === undefined
    ? ""
    : `\non the terminal:\n${actual.tty?.join("\n")}`;
  assert.equal(shown, renderOutcome(step.expected).join("\n"), `$ ${step.command}${terminal}`);
}
