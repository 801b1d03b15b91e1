import type { Native } from "../native.ts";
import { openDBusLibrary } from "./ffi/gio.ts";
import { openKernelKeys } from "./ffi/kernel_keys.ts";

/** The system's libraries, each opened on first use. */
export function systemNative(): Native {
  return {
    kernelKeys: openKernelKeys,
    dbus: openDBusLibrary,
  };
}
