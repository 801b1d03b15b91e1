import type { Native } from "../native.ts";
import { openDBusLibrary } from "./ffi/gio.ts";

/** The system's libraries, each opened on first use. */
export function systemNative(): Native {
  return {
    kernelKeys: () => undefined,
    dbus: openDBusLibrary,
  };
}
