import { LARGEST_BLOB } from "../../backends/wincred/names.ts";
import { requireCompiler } from "../fakes/compile_c.ts";
import { testKeyringContract } from "./keyring_contract.ts";
import { WincredStandIn } from "./wincred_stand_in.ts";

testKeyringContract("wincred", {
  opener: new URL("wincred_opener.ts", import.meta.url).href,
  ...requireCompiler(),
  loadsLibraries: true,
  // One call of Windows.
  fewestSteps: 0,
  largestDataBytes: LARGEST_BLOB,
  async makeStore() {
    const standIn = await WincredStandIn.make();
    return {
      config: { folder: standIn.folder },
      [Symbol.asyncDispose]: () => standIn[Symbol.asyncDispose](),
    };
  },
});
