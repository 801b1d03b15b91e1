import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";

/** A name is read by people and scripts: one word without active characters; throws `bad-usage`. */
export function requireGrantName(name: string, flag: string): void {
  if (/^[\w.:@+/][\w.:@+/-]{0,127}$/.test(name)) return;
  throw new VaultError("bad-usage", `Cannot understand ${flag} ${quote(name)}`, {
    hints: ["The name of a grant consists of letters, digits and . _ - : @ + /"],
  });
}
