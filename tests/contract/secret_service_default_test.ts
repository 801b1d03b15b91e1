import { requireService } from "../services.ts";
import {
  GNOME_KEYRING_INSTALL,
  hasGnomeKeyring,
  startGnomeKeyring,
} from "../services/gnome_keyring.ts";
import { testKeyringContract } from "./keyring_contract.ts";
import { ROW_OPENER } from "./row_opener.ts";

// Nobody can be asked for the password of a new collection: everything goes to the default one.
testKeyringContract("secret-service", {
  opener: ROW_OPENER,
  ...requireService("gnome-keyring", hasGnomeKeyring(), GNOME_KEYRING_INSTALL),
  // One message to the service.
  fewestSteps: 0,
  async makeStore() {
    const service = await startGnomeKeyring();
    return {
      config: { backend: "secret-service", env: service.env },
      [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
    };
  },
});
