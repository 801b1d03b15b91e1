import { nearNames } from "../near_names.ts";

/** The profile that an invalid header probably means: its last words, without a misspelt kind. */
export function nameMeant(header: string): string {
  const [, kind = "", rest = ""] = /^([^\s:="']+)[\s:=]+(.+)$/.exec(header.trim()) ?? [];
  const isMisspelt = kind.toLowerCase() === "profile" || nearNames(kind, ["profile"]).length > 0;
  return (isMisspelt ? rest : header.trim()).replace(/^(["'])(.*)\1$/, "$2");
}
