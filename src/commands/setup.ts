import { VaultError } from "../errors.ts";
import { askUntilValid } from "../prompt/ask_until_valid.ts";
import { commandLine } from "../text.ts";
import type { CommandContext, Invocation } from "./context.ts";
import { SETUP_STEPS, type SetupFlags, type SetupStep } from "./setup_steps.ts";

/**
 * `setup`: for first-time use. Looks for keys, logins and the keystore, and for each does what the person
 * agrees to, or what a flag requests; ends with a command that works.
 */
export async function setup(this: CommandContext, given: SetupFlags): Promise<void> {
  const backend = await chooseBackend(this.open(given), given);
  const flags = { ...given, ...backend !== undefined && { backend } };
  const invocation = this.open(flags);
  const { talk } = invocation.host;
  let working: string | undefined;
  let isDeclined = false;
  for (const step of SETUP_STEPS) {
    const run = { invocation: this.open(flags), context: this, flags, working };
    const proposal = await step.find(run);
    if (proposal === undefined) continue;
    if (proposal.found !== undefined) talk.say(proposal.found);
    if (proposal.act === undefined) {
      working ??= proposal.working;
      continue;
    }
    const answer = await isWanted(invocation, flags, step, proposal.question);
    isDeclined ||= answer === "declined";
    if (answer === true) working = await proposal.act() ?? working;
  }
  if (working === undefined) {
    // A "no" has the same exit code everywhere.
    throw new VaultError(
      isDeclined ? "conflict" : "no-credentials",
      "There is no usable profile yet",
      {
        hints: ["Store an access key: aws-vault add work", "Or start again: aws-vault setup"],
      },
    );
  }
  if (backend !== undefined) {
    talk.hint(`To find the keys again, set in your shell: AWS_VAULT_BACKEND=${backend}`);
  }
  talk.say("Ready. This asks AWS who you are:");
  talk.answer(this.nameStore(commandLine(["whoami"], working)));
}

/** The keystore that a person wants instead of the first usable one; `undefined`: none. */
async function chooseBackend(
  invocation: Invocation,
  { backend, yes }: SetupFlags,
): Promise<string | undefined> {
  const { host, mayPrompt } = invocation;
  if (backend || yes || host.env.get("AWS_VAULT_BACKEND")) return undefined;
  const usable = (await invocation.surveyBackends())
    .filter(({ reason, isAutomatic }) => isAutomatic && reason === undefined);
  const first = usable.find(({ isChosen }) => isChosen)?.name;
  if (usable.length < 2 || !mayPrompt || !await host.terminal.isAvailable()) return undefined;
  const names = usable.map(({ name }) => name);
  const answer = await askUntilValid(host, {
    question: `In which keystore: ${names.join(", ")}? (Enter: ${first ?? names[0]}) `,
    form: `It is one of ${names.join(", ")}`,
    isValid: (text) => text === "" || names.includes(text),
  });
  return answer === "" || answer === first ? undefined : answer;
}

/** Decided by a flag, else by a question; if nobody can be asked, it is skipped with a hint. */
async function isWanted(
  { host, mayPrompt }: Invocation,
  flags: SetupFlags,
  step: SetupStep,
  question: string,
): Promise<boolean | "declined"> {
  const said = step.flag(flags);
  if (said !== undefined) return said;
  if (flags.yes && step.isSafe) return true;
  if (!mayPrompt || !await host.terminal.isAvailable()) {
    host.talk.hint(`Nobody can be asked: ${step.hint}`);
    return false;
  }
  const choice = step.isSafe ? "Y|n" : "y|N";
  const answer = (await host.terminal.ask(`${question} (${choice}) `)).reveal().trim();
  const isYes = step.isSafe ? !/^no?$/i.test(answer) : /^y(es)?$/i.test(answer);
  return isYes || "declined";
}
