import { requireService } from "../services.ts";
import { hasPass, makeGpgHome, PASS_INSTALL } from "../services/gpg.ts";
import { testKeyringContract } from "./keyring_contract.ts";
// Opens the C library before any test runs.
import "./pass_opener.ts";

testKeyringContract("pass", {
  opener: new URL("pass_opener.ts", import.meta.url).href,
  ...requireService("pass", hasPass(), PASS_INSTALL),
  // Lock, journal, the item made sure of, the journal removed.
  fewestSteps: 10,
  async makeStore() {
    const home = await makeGpgHome();
    return {
      config: { backend: "pass", env: home.env },
      sealedConfig: { backend: "pass", env: home.envWithoutKey },
      [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
    };
  },
});
