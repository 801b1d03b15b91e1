import { openPassKeyring } from "../../backends/pass/keyring.ts";
import type { Keyring } from "../../src/keyring.ts";
import { passDeps } from "../contract/pass_opener.ts";
import { requireService } from "../services.ts";
import { hasPass, makeGpgHome, PASS_INSTALL } from "../services/gpg.ts";
import { readOurs, readTheirs, removeForBoth } from "./go_exchange.ts";
import { buildGoKeyring, GoKeyring, requireGoKeyring } from "./go_keyring.ts";

const available = [requireService("pass", hasPass(), PASS_INSTALL), requireGoKeyring()];
const ignore = available.some((one) => one.ignore);

/** One store, opened by both, with a prefix and without. */
function bothTest(
  name: string,
  body: (ours: Keyring, theirs: GoKeyring) => Promise<void>,
): void {
  for (const passPrefix of ["", "aws/vault"]) {
    Deno.test({
      name: `pass keyring and the Go library${passPrefix && " in a folder"}: ${name}`,
      ignore,
      fn: async () => {
        await using home = await makeGpgHome();
        const flags = ["-backend=pass", `-pass-dir=${home.store}`, `-pass-prefix=${passPrefix}`];
        const theirs = new GoKeyring(await buildGoKeyring(), flags, home.env);
        const options = { passPrefix, mayPrompt: false };
        await body(openPassKeyring("pass", passDeps(home.env), options), theirs);
      },
    });
  }
}

bothTest("we read what it wrote", readTheirs);
bothTest("it reads what we wrote", readOurs);
bothTest("what one removes is gone for the other", removeForBoth);
