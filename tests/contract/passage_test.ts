import { requireService } from "../services.ts";
import { AGE_INSTALL, hasAge, makeAgeHome } from "../services/age.ts";
import { testKeyringContract } from "./keyring_contract.ts";
import { ROW_OPENER } from "./row_opener.ts";

testKeyringContract("passage", {
  opener: ROW_OPENER,
  ...requireService("age", hasAge(), AGE_INSTALL),
  // Lock, journal, the item made sure of, the journal removed.
  fewestSteps: 10,
  async makeStore() {
    const home = await makeAgeHome();
    const config = { backend: "passage", flags: { passPrefix: "aws/vault" }, mayPrompt: true };
    return {
      config: { ...config, env: home.env },
      sealedConfig: { ...config, env: home.envWithoutKey },
      [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
    };
  },
});
