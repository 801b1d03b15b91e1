/** What the other bus names of the program behind the Secret Service show about it. */

import type { DBusConnection } from "../../src/native.ts";
import { nameOwner } from "../session_bus.ts";

/** The bus name of the service, which one program owns. */
export const SERVICE_NAME = "org.freedesktop.secrets";
/** The path of the service itself, the root of all collections and items. */
export const SERVICE_PATH = "/org/freedesktop/secrets";

/**
 * Programs whose collections are files that a person creates in a wizard. They are not asked for a
 * collection: nobody expects a wizard from `aws-vault add`, or finishes it.
 */
const WITH_WIZARD = "org.keepassxc.KeePassXC.MainWindow";

/** Plasma 6's wallet, which is also a Secret Service. */
const KWALLET_6 = "org.kde.kwalletd6";

/** The program behind the Secret Service of a connection. */
export class Provider {
  readonly #connection: DBusConnection;
  readonly #callMs: number;

  constructor(connection: DBusConnection, callMs: number) {
    this.#connection = connection;
    this.#callMs = callMs;
  }

  /** Whether creating a collection opens a wizard. */
  hasWizard(): Promise<boolean> {
    return this.#isAlso(WITH_WIZARD);
  }

  /** Whether it is KWallet 6. */
  isKWallet(): Promise<boolean> {
    return this.#isAlso(KWALLET_6);
  }

  /**
   * Whether a collection is an open wallet. KWallet reports it as locked until it is unlocked through
   * this interface, which then shows nothing.
   */
  async isOpenWallet(label: string): Promise<boolean> {
    if (!await this.isKWallet()) return false;
    const [isOpen] = await this.#connection.call({
      destination: KWALLET_6,
      path: "/modules/kwalletd6",
      interface: "org.kde.KWallet",
      method: "isOpen",
      parameterType: "(s)",
      parameters: [label],
      timeoutMs: this.#callMs,
    });
    return isOpen === true;
  }

  async #isAlso(name: string): Promise<boolean> {
    const owners = [SERVICE_NAME, name].map((one) =>
      nameOwner(this.#connection, one, this.#callMs)
    );
    const [service, other] = await Promise.all(owners);
    return service !== undefined && service === other;
  }
}
