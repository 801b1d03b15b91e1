/** moto as the STS: an independent reader of the assertion and of the request that carries it. */

import assert from "node:assert/strict";
import { Home } from "../home.ts";
import { requireService, runs } from "../services.ts";
import { firstLine } from "../services/program_output.ts";

const MOTO = requireService(
  "moto",
  runs("python3", "-c", "import moto.server"),
  "pip install 'moto[server,sts]'",
);

const SERVE = `
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(*server.get_host_and_port(), flush=True)
sys.stdin.read()
server.stop()
`;

const ROLE = "arn:aws:iam::123456789012:role/corp-admin";
const PROVIDER = "arn:aws:iam::123456789012:saml-provider/corp";

/** As an identity provider writes it, with namespaces. */
const RESPONSE = `<?xml version="1.0"?>
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">
<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"><saml:AttributeStatement>
<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName">
<saml:AttributeValue>ann@example.com</saml:AttributeValue></saml:Attribute>
<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role">
<saml:AttributeValue>${ROLE},${PROVIDER}</saml:AttributeValue></saml:Attribute>
</saml:AttributeStatement></saml:Assertion></samlp:Response>
`;

Deno.test({
  ...MOTO,
  name: "moto takes the assertion of saml_process, and knows the credentials that come of it",
  async fn() {
    await using home = await Home.open();
    const python = new Deno.Command("python3", {
      args: ["-c", SERVE],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    try {
      const [host, port] = (await firstLine(python.stdout)).split(" ");
      home.env["AWS_ENDPOINT_URL"] = `http://${host}:${port}`;
      home.write("response", btoa(RESPONSE));
      home.write(".aws/config", `[profile corp]\nsaml_process = base64 -w0 ${home.path}/plain\n`);
      home.write("plain", RESPONSE);
      const { stdout } = await home.succeed("whoami", "--json", "corp");
      const said = JSON.parse(stdout);
      assert.equal(
        said.arn,
        "arn:aws:sts::123456789012:assumed-role/corp-admin/ann@example.com",
      );
    } finally {
      await python.stdin.close();
      await python.status;
    }
  },
});
