import { VaultError } from "../../errors.ts";
import type { Talk } from "../../talk.ts";
import { quote } from "../../text.ts";
import { describeEnd, isEnding } from "../expiry.ts";
import type { Certificate } from "./certificate.ts";

/** Throws `bad-config` for a certificate that is not valid now. */
export function checkDates(
  profile: string,
  { notBefore, notAfter }: Certificate,
  now: Temporal.Instant,
): void {
  if (Temporal.Instant.compare(notAfter, now) <= 0) {
    throw new VaultError(
      "bad-config",
      `Cannot get credentials for profile ${quote(profile)}: its certificate ${
        describeEnd(notAfter, now)
      }`,
      { hints: ["Request a new one", "Check this machine's clock"] },
    );
  }
  if (Temporal.Instant.compare(notBefore, now) > 0) {
    const at = notBefore.toString({ smallestUnit: "second" });
    throw new VaultError(
      "bad-config",
      `Cannot get credentials for profile ${
        quote(profile)
      }: its certificate is not valid before ${at}`,
      { hints: ["Check this machine's clock"] },
    );
  }
}

/** Notes that a certificate ends soon, if it does. */
export function noteEnding(
  talk: Pick<Talk, "note">,
  profile: string,
  notAfter: Temporal.Instant,
  now: Temporal.Instant,
): void {
  if (!isEnding(notAfter, now)) return;
  talk.note(`The certificate of profile ${quote(profile)} ${describeEnd(notAfter, now)}`);
}
