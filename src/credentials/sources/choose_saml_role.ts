import type { Profile } from "../../config/profile.ts";
import { VaultError } from "../../errors.ts";
import { quote } from "../../text.ts";
import type { SamlRole } from "../saml_assertion.ts";
import type { ObtainDeps } from "../source.ts";

/**
 * The role of an assertion for a profile that names none: the only one, or one that a person picks.
 *
 * Its credentials are kept like all credentials of the profile, so the person is asked once for as
 * long as they are valid. Throws `needs-person`, naming the roles, if nobody can be asked.
 */
export async function chooseRole(
  { host, signIn }: ObtainDeps,
  { name }: Profile,
  roles: readonly SamlRole[],
): Promise<SamlRole> {
  const [only, ...others] = roles;
  if (only !== undefined && others.length === 0) return only;
  const { interact } = host.terminal;
  const what = `Cannot choose a role for profile ${quote(name)}`;
  if (signIn?.mayPrompt !== true || interact === undefined || !await host.terminal.isAvailable()) {
    throw new VaultError(
      "needs-person",
      `${what}: its assertion has ${roles.length} roles, and nobody can be asked`,
      { hints: roles.map(({ roleArn }) => `Set role_arn = ${roleArn}`) },
    );
  }
  const { makePicker } = await import("../../prompt/picker.ts");
  const items = roles.map(({ roleArn, providerArn }) => ({
    name: roleArn,
    uses: 0,
    describe: () => providerArn,
  }));
  const picked = await interact.call(host.terminal, makePicker(items, "Role: "));
  const role = roles.find(({ roleArn }) => roleArn === picked);
  if (role === undefined) throw new VaultError("interrupted", `${what}: none was picked`);
  host.talk.note(
    `Profile ${quote(name)} uses ${role.roleArn} until its credentials expire; ` +
      "role_arn in the profile chooses it permanently",
  );
  return role;
}
