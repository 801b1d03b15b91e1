/** A home whose profile `work` starts with a certificate, and an AWS that trusts its authority. */

import { Home } from "../home.ts";
import { startFakeAws } from "../servers/fake_aws.ts";
import type { RoleSpec } from "../servers/roles.ts";
import { Authority, type LeafSpec } from "./authority.ts";

const SERVICE = "rolesanywhere.amazonaws.com";
export const ROLE = "arn:aws:iam::111122223333:role/backup";

export class AnywhereHome extends Home {
  readonly authority = new Authority();
  /** The settings of `work` that every way of giving the certificate shares. */
  readonly settings: Record<string, string>;

  constructor(aws: Home["aws"]) {
    super(aws);
    this.settings = aws.world.rolesAnywhere.setUp(this.authority.root, [ROLE]);
  }

  static async with(spec: LeafSpec = {}, role: Partial<RoleSpec> = {}): Promise<AnywhereHome> {
    const roles = [
      { name: "backup", trusts: [SERVICE], maxSessionSeconds: 43_200, ...role },
      { name: "next", trusts: [ROLE] },
    ];
    const home = new AnywhereHome(await startFakeAws({ roles }));
    home.authority.issue("leaf", spec);
    home.write("cert.pem", home.authority.withChain("leaf"));
    home.write("key.pem", home.authority.read("leaf.key"));
    home.configure({});
    return home;
  }

  /** Writes the config file: `work` with these settings besides the shared ones, and `next` behind it. */
  configure(settings: Record<string, string | undefined>): void {
    const lines = Object.entries({ ...this.settings, ...settings })
      .flatMap(([name, value]) => value === undefined ? [] : [`${name} = ${value}\n`]);
    const next = "[profile next]\nsource_profile = work\n" +
      "role_arn = arn:aws:iam::111122223333:role/next\n";
    this.write(".aws/config", `[profile work]\n${lines.join("")}\n${next}`);
  }

  /** Names the files of the home, which are given as `cert.pem`. */
  useFiles(certificate: string, privateKey?: string): void {
    this.configure({
      rolesanywhere_certificate_file: `${this.path}/${certificate}`,
      ...privateKey !== undefined &&
        { rolesanywhere_private_key_file: `${this.path}/${privateKey}` },
    });
  }

  /** Copies a file of the authority into the home. */
  take(name: string): void {
    Deno.copyFileSync(this.authority.path(name), `${this.path}/${name}`);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.authority[Symbol.dispose]();
    await super[Symbol.asyncDispose]();
  }
}
