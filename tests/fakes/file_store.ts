import { CompactEncrypt } from "jose";
import type { FileKeyringDeps } from "../../backends/file/keyring.ts";
import { fileNameOf } from "../../backends/file/names.ts";
import { encodeItem } from "../../backends/item.ts";
import type { ProgramRequest, ProgramResult } from "../../src/host.ts";
import { memoryHost } from "./memory_host.ts";
import { ScriptedTerminal } from "./scripted_terminal.ts";

/** The folder of the file stores in memory. */
export const STORE = "/home/test/.awsvault/keys";

/** What the file back end touches, in memory; `ran` holds the programs that were run. */
export function fileStoreHost(options: {
  files?: Readonly<Record<string, string>>;
  env?: Readonly<Record<string, string>>;
  answers?: readonly (string | undefined)[];
  run?: (request: ProgramRequest) => Partial<ProgramResult>;
} = {}) {
  const { files = {}, env = {}, answers, run } = options;
  const ran: ProgramRequest[] = [];
  const refuse = () => {
    throw new Error("the file store only runs programs to their end");
  };
  const programs: FileKeyringDeps["programs"] = {
    run: (request) => {
      ran.push(request);
      const result = run?.(request) ?? {};
      return Promise.resolve({ code: 0, stdout: new Uint8Array(), stderr: "", ...result });
    },
    find: refuse,
    replace: refuse,
    attend: refuse,
  };
  const terminal = new ScriptedTerminal(answers);
  return { ...memoryHost({ files, env }), terminal, programs, ran };
}

/** The files of some items, by path, encrypted with few rounds so that tests cost no time. */
export async function sealedItems(
  items: Readonly<Record<string, string>>,
  passphrase: string,
): Promise<Record<string, string>> {
  const sealed = Object.entries(items).map(async ([key, text]) => {
    const data = new TextEncoder().encode(text);
    const payload = encodeItem(key, { data, label: `aws-vault (${key})` });
    return [`${STORE}/${fileNameOf(key, "linux")}`, await sealFast(payload, passphrase)];
  });
  return Object.fromEntries(await Promise.all(sealed));
}

/** Encrypts as another program might, with the fewest rounds that are read. */
export async function sealFast(payload: string, passphrase: string): Promise<string> {
  return await new CompactEncrypt(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: "PBES2-HS256+A128KW", enc: "A256GCM" })
    .setKeyManagementParameters({ p2c: 1000 })
    .encrypt(new TextEncoder().encode(passphrase));
}
