import { requireService } from "../services.ts";
import { hasKWallet6, KWALLET6_INSTALL, startKWallet6 } from "../services/kwallet.ts";
import { testKeyringContract } from "./keyring_contract.ts";
import { ROW_OPENER } from "./row_opener.ts";

const service = requireService("kwalletd6", hasKWallet6(), KWALLET6_INSTALL);

/** KWallet 6 by either of its interfaces; the wallet is that of the back end. */
const WALLETS = { kwallet: "aws-vault", "secret-service": "awsvault" } as const;

for (const [backend, wallet] of Object.entries(WALLETS)) {
  testKeyringContract(backend, {
    opener: ROW_OPENER,
    ...service,
    mayRefuseNames: true,
    // One message to the service.
    fewestSteps: 0,
    async makeStore() {
      const running = await startKWallet6();
      await running.openWallet(wallet);
      return {
        config: { backend, env: running.env },
        [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
      };
    },
  });
}
