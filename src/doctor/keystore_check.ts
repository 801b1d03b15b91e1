import type { Finding } from "../finding.ts";
import type { Keyring } from "../keyring.ts";
import { quote } from "../text.ts";
import type { Check, Scene } from "./check.ts";

/** The item that the round trip writes and removes: to aws-vault 7 it is a token, which its `clear` removes. */
const PROBE_NAME = "oidc:aws-vault-doctor";

/** Whether keys can be stored in the place where they are looked up. */
export const KEYSTORE: Check = {
  id: "keystore",
  subject: "keystore",
  steps: [
    (scene) => scene.examineStore(),
    async (scene) => {
      const keyring = await scene.quietKeyring();
      return keyring.warning === undefined ? [] : [caution(keyring, keyring.warning)];
    },
    async (scene) => await keepsHistory(scene) ? [] : await tryRoundTrip(scene),
  ],
};

/** Whether a temporary item would stay in a history, such as git's in a pass store. */
async function keepsHistory({ surveyBackends }: Scene): Promise<boolean> {
  return (await surveyBackends()).some(({ isChosen, keepsHistory }) => isChosen && keepsHistory);
}

function caution({ backend }: Keyring, warning: string): Finding {
  return {
    id: "keystore-caution",
    severity: "note",
    subject: backend,
    message: warning,
    todo: "Choose another keystore with --backend, if that is a problem",
  };
}

/** Writes an item, reads it and removes it. Throws the keyring's errors. */
async function tryRoundTrip({ host, quietKeyring }: Scene): Promise<Finding[]> {
  const keyring = await quietKeyring();
  const data = host.random.bytes(16);
  try {
    await keyring.set(PROBE_NAME, { data, label: "aws-vault (check by doctor)" });
    const back = await keyring.get(PROBE_NAME);
    return back !== undefined && back.toHex() === data.toHex() ? [] : [lost(keyring)];
  } finally {
    await keyring.remove(PROBE_NAME).catch(() => false);
  }
}

function lost({ backend, location }: Keyring): Finding {
  return {
    id: "keystore-round-trip",
    severity: "error",
    subject: backend,
    message: `${quote(location)} does not return what was just stored in it`,
    todo: "Choose another keystore with --backend",
  };
}
