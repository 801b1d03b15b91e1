import { requireService } from "../services.ts";
import { hasKeePassXC, KEEPASSXC_INSTALL, startKeePassXC } from "../services/keepassxc.ts";
import { testKeyringContract } from "./keyring_contract.ts";
import { ROW_OPENER } from "./row_opener.ts";

// It makes no collection without a wizard: everything goes to its default one. Each write is a prompt.
testKeyringContract("secret-service", {
  opener: ROW_OPENER,
  ...requireService("KeePassXC", hasKeePassXC(), KEEPASSXC_INSTALL),
  mayRefuseNames: true,
  fewestSteps: 0,
  async makeStore() {
    const service = await startKeePassXC();
    return {
      config: { backend: "secret-service", env: service.env },
      crash: () => service.crash(),
      [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
    };
  },
});
