import type { Native } from "../native.ts";
import { openAdvapi32 } from "./ffi/advapi32.ts";
import { openDBusLibrary } from "./ffi/gio.ts";
import { openKernelKeys } from "./ffi/kernel_keys.ts";
import { openSecurityFramework } from "./ffi/security_framework.ts";

/** The system's libraries, each opened on first use. */
export function systemNative(): Native {
  return {
    kernelKeys: openKernelKeys,
    dbus: openDBusLibrary,
    keychains: openSecurityFramework,
    credentialStore: openAdvapi32,
  };
}
