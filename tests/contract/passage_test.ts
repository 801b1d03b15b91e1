import { requireService } from "../services.ts";
import { AGE_INSTALL, hasAge, makeAgeHome } from "../services/age.ts";
import { testKeyringContract } from "./keyring_contract.ts";
// Opens the C library before any test runs.
import "./pass_opener.ts";

testKeyringContract("passage", {
  opener: new URL("pass_opener.ts", import.meta.url).href,
  ...requireService("age", hasAge(), AGE_INSTALL),
  // Lock, journal, the item made sure of, the journal removed.
  fewestSteps: 10,
  async makeStore() {
    const home = await makeAgeHome();
    const config = { backend: "passage", passPrefix: "aws/vault" };
    return {
      config: { ...config, env: home.env },
      sealedConfig: { ...config, env: home.envWithoutKey },
      [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
    };
  },
});
