/** Grants from the command line of `serve`: `--grant NAME=profile[,profile]`. */

import { VaultError } from "../errors.ts";
import { quote } from "../text.ts";
import { requireGrantName } from "./grant_name.ts";

/** A grant that is made at the start, and lasts as long as the server. */
export interface StartGrant {
  readonly name: string;
  readonly profiles: readonly string[];
}

/** Parses the value of one `--grant`; throws `bad-usage`. */
export function parseStartGrant(text: string): StartGrant {
  const [name = "", ...rest] = text.split("=");
  const profiles = rest.join("=").split(",").map((profile) => profile.trim());
  if (name === "" || profiles.some((profile) => profile === "")) {
    throw new VaultError("bad-usage", `Cannot understand --grant ${quote(text)}`, {
      hints: ["Write --grant NAME=PROFILE, or NAME=PROFILE,PROFILE"],
    });
  }
  requireGrantName(name, "--grant");
  return { name, profiles: [...new Set(profiles)] };
}
