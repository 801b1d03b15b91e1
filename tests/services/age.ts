import { runs } from "../services.ts";
import { programOutput } from "./program_output.ts";

/** An age identity of a test's own, and a `passage` for it. */
export interface AgeHome extends AsyncDisposable {
  /** The whole environment for `passage`. */
  readonly env: Readonly<Record<string, string>>;
  readonly store: string;
  /** What runs `passage` from any environment. */
  readonly program: string;
  /** An environment with another identity. */
  readonly envWithoutKey: Readonly<Record<string, string>>;
  /** Runs a program here, and gives its standard output. */
  run(command: string, args: readonly string[], stdin?: string): Promise<string>;
}

export const AGE_INSTALL = "Debian: age";

/** Whether `passage` can be run here: with the real one, or our stand-in for it around the real age. */
export function hasAge(): boolean {
  return runs("age", "--version") && runs("age-keygen", "--version");
}

/** Whether there is a `passage` that keeps passwords: Debian's package of that name is a game. */
function hasPassage(): boolean {
  for (const folder of Deno.env.get("PATH")?.split(":") ?? []) {
    try {
      return Deno.readTextFileSync(`${folder}/passage`).includes("PASSAGE_DIR");
    } catch {
      // Not there, or not for us.
    }
  }
  return false;
}

const STAND_IN = new URL("../fakes/passage", import.meta.url).pathname;

/** Makes an identity. A `passage` on this machine is used; else the stand-in. */
export async function makeAgeHome(): Promise<AgeHome> {
  const folder = await Deno.makeTempDir({ prefix: "aws-vault-age-" });
  const store = `${folder}/store`;
  await Deno.mkdir(`${folder}/bin`);
  const isHere = hasPassage();
  if (!isHere) await Deno.symlink(STAND_IN, `${folder}/bin/passage`);
  for (const name of ["identities", "others"]) {
    await programOutput("age-keygen", ["-o", `${folder}/${name}`]);
  }
  const env = {
    PATH: `${folder}/bin:${Deno.env.get("PATH")}`,
    HOME: folder,
    LANG: "C.UTF-8",
    PASSAGE_DIR: store,
    PASSAGE_IDENTITIES_FILE: `${folder}/identities`,
  };
  return {
    env,
    envWithoutKey: { ...env, PASSAGE_IDENTITIES_FILE: `${folder}/others` },
    store,
    program: isHere ? "passage" : STAND_IN,
    run: (command, args, stdin = "") =>
      programOutput(command, args, { env, stdin, clearEnv: true }),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
