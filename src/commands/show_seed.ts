import { renderTotpUri } from "../credentials/totp.ts";
import { groupSeed, makeSeedDialog, qrModules } from "../prompt/seed_dialog.ts";
import type { Secret } from "../secret.ts";
import type { Invocation } from "./context.ts";

/** A device whose seed is shown. */
export interface ShownDevice {
  readonly serial: string;
  readonly seed: Secret;
  readonly device: string;
  readonly account: string;
}

/**
 * Lets a person copy a seed into an authenticator app: as a QR code that is erased from the
 * terminal afterwards, or as text if the terminal cannot draw. Ctrl-C throws `interrupted`.
 */
export async function showSeed({ host }: Invocation, shown: ShownDevice): Promise<void> {
  const { serial, seed, device, account } = shown;
  const { terminal } = host;
  if (terminal.interact !== undefined && host.env.get("TERM") !== "dumb") {
    const modules = await qrModules(renderTotpUri(seed, device, account));
    await terminal.interact(makeSeedDialog({ serial, seed, modules }));
    return;
  }
  await terminal.write(`Enter this key for ${serial} in your authenticator app:\n`);
  await terminal.write(`${groupSeed(seed)}\n`);
}
