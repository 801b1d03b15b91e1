import type { Finding } from "../finding.ts";
import type { Keyring } from "../keyring.ts";
import { quote } from "../text.ts";
import type { Check, Scene } from "./check.ts";

/** The item that the round trip writes and removes again: aws-vault 7 takes it for a token, and `clear` removes it. */
const PROBE_NAME = "oidc:aws-vault-doctor";

/** Whether keys can be stored where they are looked up. */
export const KEYSTORE: Check = {
  id: "keystore",
  subject: "keystore",
  async run(scene) {
    const keyring = await scene.quietKeyring();
    return [
      ...(keyring.warning === undefined ? [] : [caution(keyring, keyring.warning)]),
      ...await scene.examineStore(),
      ...await tryRoundTrip(scene, keyring),
    ];
  },
};

function caution({ backend }: Keyring, warning: string): Finding {
  return {
    id: "keystore-caution",
    severity: "note",
    subject: backend,
    message: warning,
    todo: "Choose another keystore with --backend, where that is a problem",
  };
}

/** Writes an item, reads it and removes it. Throws what the keyring throws. */
async function tryRoundTrip({ host }: Scene, keyring: Keyring): Promise<Finding[]> {
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
    message: `${quote(location)} does not give back what was just stored in it`,
    todo: "Choose another keystore with --backend",
  };
}
