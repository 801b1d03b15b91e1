import { requireCompiler } from "../fakes/compile_c.ts";
import { KeychainStandIn } from "./keychain_stand_in.ts";
import { testKeyringContract } from "./keyring_contract.ts";

// The same back end where Security.framework cannot be loaded: by the program `security`.
testKeyringContract("keychain", {
  opener: new URL("keychain_opener.ts", import.meta.url).href,
  ...requireCompiler(),
  loadsLibraries: true,
  // One command of the program.
  fewestSteps: 0,
  // Its lines have less than 4,096 bytes, and end at a line end.
  largestDataBytes: 1_800,
  refusedKeys: ["tab\tand\nline end"],
  async makeStore() {
    const standIn = await KeychainStandIn.make();
    // Nothing trusts the program, so that macOS asks at each read.
    standIn.answerDialogs("allow");
    const { folder, home } = standIn;
    return {
      config: { place: { folder, home }, way: "program", mayPrompt: true },
      sealedConfig: { place: await standIn.sealed(), way: "program", mayPrompt: true },
      [Symbol.asyncDispose]: () => standIn[Symbol.asyncDispose](),
    };
  },
});
