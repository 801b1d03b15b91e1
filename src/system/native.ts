import type { Native } from "../native.ts";
import { guardMemory } from "./ffi/memory_guard.ts";

/** The system's libraries; each library and its code are loaded on first use. */
export function systemNative(): Native {
  return {
    kernelKeys: async () => (await import("./ffi/kernel_keys.ts")).openKernelKeys(),
    dbus: async () => (await import("./ffi/gio.ts")).openDBusLibrary(),
    keychains: async () => (await import("./ffi/security_framework.ts")).openSecurityFramework(),
    credentialStore: async () => (await import("./ffi/advapi32.ts")).openAdvapi32(),
    guardMemory,
  };
}
