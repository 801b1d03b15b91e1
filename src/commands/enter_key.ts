import {
  FORMS,
  isAccessKeyId,
  isSecretAccessKey,
  isTemporaryKeyId,
} from "../credentials/entered_key.ts";
import type { LongTermKey } from "../credentials.ts";
import { VaultError } from "../errors.ts";
import { askUntilValid } from "../prompt/ask_until_valid.ts";
import { Secret } from "../secret.ts";
import { confirm } from "./confirm.ts";
import type { Invocation } from "./context.ts";

/** The key in `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`; throws `bad-usage` for anything else. */
export function readKeyFromEnvironment(invocation: Invocation): LongTermKey {
  const accessKeyId = required(invocation, "AWS_ACCESS_KEY_ID");
  const secret = required(invocation, "AWS_SECRET_ACCESS_KEY");
  if (invocation.host.env.get("AWS_SESSION_TOKEN")) {
    throw new VaultError(
      "bad-usage",
      "Cannot store temporary credentials: AWS_SESSION_TOKEN is set",
      { hints: [LONG_TERM_HINT] },
    );
  }
  if (!isAccessKeyId(accessKeyId)) throw malformed("AWS_ACCESS_KEY_ID", FORMS.accessKeyId);
  if (!isSecretAccessKey(secret)) throw malformed("AWS_SECRET_ACCESS_KEY", FORMS.secretAccessKey);
  return { accessKeyId, secretAccessKey: new Secret(secret) };
}

const LONG_TERM_HINT = "Store the long-term key of an IAM user, whose ID begins with AKIA";

function required(invocation: Invocation, name: string): string {
  const value = invocation.host.env.get(name)?.trim();
  if (value) return value;
  throw new VaultError("bad-usage", `Cannot take the key from the environment: ${name} is not set`);
}

function malformed(name: string, form: string): VaultError {
  return new VaultError("bad-usage", `Cannot store the key: ${name} is malformed`, {
    hints: [form],
  });
}

/** Asks the person for the key; throws `needs-person` if nobody can be asked. */
export async function askForKey({ host, mayPrompt }: Invocation): Promise<LongTermKey> {
  if (!mayPrompt || !await host.terminal.isAvailable()) {
    throw new VaultError("needs-person", "Cannot ask for the key: there is no terminal", {
      hints: ["Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and use: --env"],
    });
  }
  const accessKeyId = await askUntilValid(host, {
    question: "Enter Access Key ID: ",
    form: FORMS.accessKeyId,
    isValid: isAccessKeyId,
  });
  const secret = await askUntilValid(host, {
    question: "Enter Secret Access Key: ",
    hidden: true,
    form: FORMS.secretAccessKey,
    isValid: isSecretAccessKey,
  });
  return { accessKeyId, secretAccessKey: new Secret(secret) };
}

/** Throws `conflict` if the ID is that of temporary credentials and the person does not confirm it. */
export async function confirmTemporary(
  invocation: Invocation,
  { accessKeyId }: LongTermKey,
  isForced: boolean,
): Promise<void> {
  if (isForced || !isTemporaryKeyId(accessKeyId)) return;
  const what =
    `${accessKeyId} is the ID of temporary credentials, which do not work without a session token`;
  const needed = { message: `Cannot store the key: ${what}`, hint: LONG_TERM_HINT };
  // The third line of such a paste is the token: it is not an answer, and is not shown.
  await invocation.host.terminal.dropTyped();
  if (await confirm(invocation, `${what}. Store it anyway?`, needed)) return;
  throw new VaultError("conflict", `Key ${accessKeyId} was not stored`, {
    hints: [LONG_TERM_HINT],
  });
}
