/**
 * A provider block of Terraform without credentials: the provider reads them from the environment (Terraform
 * AWS provider, "Authentication and Configuration"), so that none is in a file, a plan or a state.
 */
export function renderTerraformBlock(
  { region, accountId }: {
    readonly region?: string | undefined;
    readonly accountId?: string | undefined;
  },
): string {
  const lines = [
    ...region === undefined ? [] : [`  region = ${quoteForHcl(region)}`],
    // Prevents plans with another account's credentials.
    ...accountId === undefined ? [] : [`  allowed_account_ids = [${quoteForHcl(accountId)}]`],
  ];
  return `provider "aws" {\n${lines.map((line) => `${line}\n`).join("")}}\n`;
}

/** A quoted HCL string without active templates (HCL native syntax: "Template Expressions"). */
function quoteForHcl(text: string): string {
  const escaped = text.replace(/[\\"]/g, "\\$&").replace(/[$%](?=\{)/g, "$&$&")
    .replace(/\p{Cc}/gu, escapeUnit);
  return `"${escaped}"`;
}

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
