import { SAML } from "../../src/credentials/sources/saml.ts";
import type { SourceCase } from "./source_contract.ts";
import { on, set, setEnv, stage } from "./stage.ts";

const ROLE = "arn:aws:iam::111122223333:role/deploy";

/** By an assertion that a program prints. */
export const SAML_CASE: SourceCase = {
  source: SAML,
  scene: () =>
    stage((stage) => {
      const file = stage.write("assertion", stage.aws.samlAssertion({ roles: [ROLE] }));
      stage.settings["saml_process"] = stage.write("idp", `#!/bin/sh\ncat ${file}\n`);
      stage.settings["aws_vault_cache_env"] = "TENANT";
    }),
  changes: {
    "the command line": on((stage) => {
      stage.settings["saml_process"] += " x";
    }),
    "the role": set("role_arn", `${ROLE}2`),
    "the provider": set("saml_provider_arn", "arn:aws:iam::111122223333:saml-provider/other"),
    "the named variable": setEnv("TENANT", "b"),
    "the partition": setEnv("AWS_REGION", "us-gov-west-1"),
    "the endpoint": setEnv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1"),
    "the user": on((stage) => {
      stage.user = "1001";
    }),
  },
  uncached: { "a program by a relative path": set("saml_process", "./idp") },
};
