import { requireService } from "../services.ts";
import {
  GNOME_KEYRING_INSTALL,
  hasGnomeKeyring,
  startGnomeKeyring,
} from "../services/gnome_keyring.ts";
import { testKeyringContract } from "./keyring_contract.ts";
import { ROW_OPENER } from "./row_opener.ts";

testKeyringContract("secret-service", {
  opener: ROW_OPENER,
  ...requireService("gnome-keyring", hasGnomeKeyring(), GNOME_KEYRING_INSTALL),
  // One message to the service.
  fewestSteps: 0,
  async makeStore() {
    const service = await startGnomeKeyring();
    await service.createCollection("awsvault");
    return {
      config: { backend: "secret-service", env: service.env },
      [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
    };
  },
});
