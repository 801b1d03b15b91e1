import { requireCompiler } from "../fakes/compile_c.ts";
import { KeychainStandIn } from "./keychain_stand_in.ts";
import { testKeyringContract } from "./keyring_contract.ts";

testKeyringContract("keychain", {
  opener: new URL("keychain_opener.ts", import.meta.url).href,
  ...requireCompiler(),
  loadsLibraries: true,
  // One message to securityd.
  fewestSteps: 0,
  async makeStore() {
    const standIn = await KeychainStandIn.make();
    const { folder, home } = standIn;
    return {
      config: { place: { folder, home }, way: "library", mayPrompt: false },
      sealedConfig: { place: await standIn.sealed(), way: "library", mayPrompt: false },
      [Symbol.asyncDispose]: () => standIn[Symbol.asyncDispose](),
    };
  },
});
