import type { Native } from "../native.ts";
import { guardMemory } from "./ffi/memory_guard.ts";

/** The system's libraries; the code that knows one is loaded, and the library opened, on first use. */
export function systemNative(): Native {
  return {
    async kernelKeys() {
      guardMemory();
      return (await import("./ffi/kernel_keys.ts")).openKernelKeys();
    },
    async dbus() {
      guardMemory();
      return (await import("./ffi/gio.ts")).openDBusLibrary();
    },
    keychains: async () => (await import("./ffi/security_framework.ts")).openSecurityFramework(),
    credentialStore: async () => (await import("./ffi/advapi32.ts")).openAdvapi32(),
  };
}
