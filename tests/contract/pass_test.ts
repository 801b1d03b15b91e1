import { requireService } from "../services.ts";
import { hasPass, makeGpgHome, PASS_INSTALL } from "../services/gpg.ts";
import { testKeyringContract } from "./keyring_contract.ts";
import { ROW_OPENER } from "./row_opener.ts";

testKeyringContract("pass", {
  opener: ROW_OPENER,
  ...requireService("pass", hasPass(), PASS_INSTALL),
  // Lock, journal, the item made sure of, the journal removed.
  fewestSteps: 10,
  async makeStore() {
    const home = await makeGpgHome();
    return {
      config: { backend: "pass", env: home.env, mayPrompt: true },
      sealedConfig: { backend: "pass", env: home.envWithoutKey, mayPrompt: true },
      [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
    };
  },
});
