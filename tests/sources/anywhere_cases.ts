import { readCertificateFiles } from "../../src/credentials/certificates/read_files.ts";
import { writeCertificate } from "../../src/credentials/certificates/stored_certificate.ts";
import { certificateName } from "../../src/credentials/key_names.ts";
import { ROLES_ANYWHERE } from "../../src/credentials/sources/roles_anywhere.ts";
import { Authority } from "../roles_anywhere/authority.ts";
import { requireOpenssl } from "../servers/certificates.ts";
import type { SourceCase } from "./source_contract.ts";
import { on, set, setEnv, type Stage, stage } from "./stage.ts";

const ROLE = "arn:aws:iam::111122223333:role/deploy";

/** Writes a certificate and its key, and sets up the trust in it. */
function issue(stage: Stage) {
  using authority = new Authority();
  authority.issue("leaf");
  Object.assign(stage.settings, stage.aws.world.rolesAnywhere.setUp(authority.root, [ROLE]));
  return {
    certificate: stage.write("cert.pem", authority.withChain("leaf")),
    privateKey: stage.write("key.pem", authority.read("leaf.key")),
    chain: undefined,
  };
}

const ofFiles: SourceCase = {
  source: ROLES_ANYWHERE,
  needs: requireOpenssl(),
  scene: () =>
    stage((stage) => {
      const { certificate, privateKey } = issue(stage);
      stage.settings["rolesanywhere_certificate_file"] = certificate;
      stage.settings["rolesanywhere_private_key_file"] = privateKey;
    }),
  changes: {
    "the certificate": on((stage) => void stage.write("cert.pem", "another")),
    "the private key": on((stage) => void stage.write("key.pem", "another")),
    "the chain": on((stage) => {
      stage.settings["rolesanywhere_chain_file"] = stage.write("chain.pem", "a chain");
    }),
    "the role": set("role_arn", `${ROLE}2`),
    "the session's name": set("role_session_name", "me"),
    "the trust anchor": set(
      "rolesanywhere_trust_anchor_arn",
      "arn:aws:rolesanywhere:us-east-1:111122223333:trust-anchor/other",
    ),
    "the profile": set(
      "rolesanywhere_profile_arn",
      "arn:aws:rolesanywhere:us-east-1:111122223333:profile/other",
    ),
    "the endpoint": setEnv("AWS_ENDPOINT_URL_ROLESANYWHERE", "http://127.0.0.1:1"),
    "a certificate of the keystore": on(({ settings }) => {
      delete settings["rolesanywhere_certificate_file"];
      delete settings["rolesanywhere_private_key_file"];
    }),
  },
  same: { "the profile's region": setEnv("AWS_REGION", "eu-west-1") },
};

const stored: SourceCase = {
  source: { ...ROLES_ANYWHERE, kind: "rolesanywhere.CreateSession (keystore)" },
  needs: requireOpenssl(),
  scene: () =>
    stage(async (stage) => {
      const deps = { host: stage.deps.host, mayPrompt: false };
      const identity = await readCertificateFiles(deps, issue(stage));
      await writeCertificate(stage.keyring, "p", identity);
    }),
  changes: {
    "a replaced certificate": on(async (stage) => {
      const cache = await stage.deps.cache();
      await cache.raiseGeneration(certificateName("p"), stage.keyring);
      cache.close();
    }),
    "the role": set("role_arn", `${ROLE}2`),
  },
};

/** A certificate in files, and one in the keystore. */
export const ANYWHERE_CASES: readonly SourceCase[] = [ofFiles, stored];
