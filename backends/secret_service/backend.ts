import { defineBackend } from "../../src/backend.ts";

/** The freedesktop.org Secret Service. */
export const secretService = defineBackend({
  name: "secret-service",
  platforms: ["linux"],
  isAutomatic: true,
  options: {
    collection: {
      kind: "text",
      flag: "--secret-service-collection",
      variable: "AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME",
      placeholder: "name",
      brief: "Secret Service collection",
      namesPlace: true,
    },
  },
  async probe(host) {
    return (await import("./probe.ts")).probeSecretService(host);
  },
  async yieldsTo(host) {
    return (await import("./probe.ts")).whyYieldToKWallet(host);
  },
  async open(host, settings) {
    return (await import("./keyring.ts")).openSecretServiceKeyring(host, settings);
  },
});
