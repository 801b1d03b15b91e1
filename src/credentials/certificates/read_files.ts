import { VaultError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import { quote } from "../../text.ts";
import { BadAsn1 } from "./asn1.ts";
import type { CertificateFiles } from "./certificate_settings.ts";
import { type Forge, loadForge } from "./forge.ts";
import { type CertificateIdentity, pairUp } from "./identity.ts";
import { type AskPassphrase, parseKeyFile } from "./key_file.ts";
import type { KeyFileContent } from "./pkcs12.ts";

/** The dependencies of reading the files of a certificate. */
export interface ReadDeps {
  readonly host: Pick<Host, "env" | "files" | "terminal">;
  /** Whether a person may be asked for the passphrase of a file. */
  readonly mayPrompt: boolean;
}

/** The variable with the passphrase of a file. */
export const PASSPHRASE_VARIABLE = "AWS_VAULT_CERTIFICATE_PASSPHRASE";

/**
 * Reads a certificate with its key and chain. Throws `file-failed`, `bad-config`, `wrong-passphrase`, and
 * `needs-person` for a passphrase that nobody can be asked for; no message quotes a file's content.
 */
export async function readCertificateFiles(
  deps: ReadDeps,
  files: CertificateFiles,
): Promise<CertificateIdentity> {
  const forge = await loadForge();
  const contents: KeyFileContent[] = [];
  for (const path of new Set([files.certificate, files.privateKey, files.chain])) {
    if (path !== undefined) contents.push(await readOne(forge, deps, path));
  }
  const all = {
    keys: contents.flatMap(({ keys }) => keys),
    certificates: contents.flatMap(({ certificates }) => certificates),
  };
  const what = `the certificate ${quote(files.certificate)}`;
  return await clearly(what, () => pairUp(forge, all, what));
}

async function readOne(forge: Forge, deps: ReadDeps, path: string): Promise<KeyFileContent> {
  const bytes = deps.host.files.readBytes(path);
  const what = `the file ${quote(path)}`;
  if (bytes === undefined) {
    throw new VaultError("file-failed", `Cannot use ${what}: there is no such file`);
  }
  const content = await clearly(
    what,
    () => parseKeyFile(forge, bytes, passphrasesFor(deps, path)),
  );
  if (content.keys.length + content.certificates.length > 0) return content;
  throw new VaultError(
    "bad-config",
    `Cannot use ${what}: there is neither a certificate nor a private key in it`,
    {
      hints: ["Certificates are read from PEM, DER and PKCS#12, private keys from PEM and PKCS#12"],
    },
  );
}

/** Reports any problem with a file as one error about it. */
async function clearly<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof VaultError) throw error;
    const why = error instanceof BadAsn1 ? error.message : "it is damaged";
    throw new VaultError("bad-config", `Cannot use ${what}: ${why}`, { cause: error });
  }
}

/** First no passphrase, which is frequent; then the variable's; then one that a person types. */
function passphrasesFor({ host, mayPrompt }: ReadDeps, path: string): AskPassphrase {
  let tries = 0;
  const given = host.env.get(PASSPHRASE_VARIABLE);
  return async () => {
    tries++;
    if (tries === 1) return "";
    if (given !== undefined) {
      if (tries === 2) return given;
      throw wrong(path, [`It is the one in ${PASSPHRASE_VARIABLE}`]);
    }
    if (tries > 2) throw wrong(path, []);
    return await askPerson({ host, mayPrompt }, path);
  };
}

function wrong(path: string, hints: readonly string[]): VaultError {
  return new VaultError(
    "wrong-passphrase",
    `Cannot open the file ${quote(path)}: the passphrase is wrong`,
    { hints },
  );
}

async function askPerson({ host, mayPrompt }: ReadDeps, path: string): Promise<string> {
  if (mayPrompt && await host.terminal.isAvailable()) {
    const typed = await host.terminal.ask(`Passphrase of ${path}: `, { hidden: true });
    return typed.reveal();
  }
  throw new VaultError(
    "needs-person",
    `Cannot open the file ${quote(path)}: it needs a passphrase, and nobody can be asked for it`,
    {
      hints: [
        `Set ${PASSPHRASE_VARIABLE}, or store the certificate in the keystore: ` +
        "aws-vault add --certificate FILE PROFILE",
      ],
    },
  );
}
