import { requireService } from "../services.ts";
import { hasKWallet, KWALLET_INSTALL, startKWallet } from "../services/kwallet.ts";
import { testKeyringContract } from "./keyring_contract.ts";
import { ROW_OPENER } from "./row_opener.ts";

testKeyringContract("kwallet", {
  opener: ROW_OPENER,
  ...requireService("kwalletd5", hasKWallet(), KWALLET_INSTALL),
  // One message to the service.
  fewestSteps: 0,
  async makeStore() {
    const service = await startKWallet();
    await service.openWallet();
    return {
      config: { backend: "kwallet", env: service.env },
      [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
    };
  },
});
