import { requireService } from "../services.ts";
import { hasKWallet, KWALLET_INSTALL, startKWallet } from "../services/kwallet.ts";
import { testKeyringContract } from "./keyring_contract.ts";

testKeyringContract("kwallet", {
  opener: new URL("kwallet_opener.ts", import.meta.url).href,
  ...requireService("kwalletd5", hasKWallet(), KWALLET_INSTALL),
  // One message to the service.
  fewestSteps: 0,
  async makeStore() {
    const service = await startKWallet();
    await service.openWallet();
    return {
      config: { env: service.env },
      [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
    };
  },
});
