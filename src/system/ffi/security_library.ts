/** The calls of Security.framework and CoreFoundation that keychains need. */

/** The paths of the two libraries. Tests use others; the program has no option for them. */
export interface SecurityFrameworkPaths {
  readonly security: string;
  readonly coreFoundation: string;
}

const FRAMEWORKS = "/System/Library/Frameworks";
/** The paths on a Mac. */
export const MACOS: SecurityFrameworkPaths = {
  security: `${FRAMEWORKS}/Security.framework/Security`,
  coreFoundation: `${FRAMEWORKS}/CoreFoundation.framework/CoreFoundation`,
};

/**
 * The calls of `SecKeychain.h` and `SecKeychainItem.h`, each with its C declaration.
 *
 * `OSStatus` is `int32_t`, `UInt32` is `uint32_t`, `Boolean` is `unsigned char`; the references are
 * pointers. Calls that ask `securityd`, and so may wait for a person, run on a separate thread.
 */
const SECURITY = {
  // (const char *pathName, SecKeychainRef *keychain)
  SecKeychainOpen: { parameters: ["buffer", "buffer"], result: "i32" },
  // (const char *pathName, UInt32 passwordLength, const void *password, Boolean promptUser,
  //  SecAccessRef initialAccess, SecKeychainRef *keychain)
  SecKeychainCreate: {
    parameters: ["buffer", "u32", "buffer", "u8", "pointer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  // (SecKeychainRef keychain, SecKeychainStatus *keychainStatus)
  SecKeychainGetStatus: { parameters: ["pointer", "buffer"], result: "i32", nonblocking: true },
  // (SecKeychainRef keychain, UInt32 passwordLength, const void *password, Boolean usePassword)
  SecKeychainUnlock: {
    parameters: ["pointer", "u32", "buffer", "u8"],
    result: "i32",
    nonblocking: true,
  },
  // (Boolean state)
  SecKeychainSetUserInteractionAllowed: { parameters: ["u8"], result: "i32" },
  // (CFTypeRef keychainOrArray, UInt32 serviceNameLength, const char *serviceName,
  //  UInt32 accountNameLength, const char *accountName, UInt32 *passwordLength,
  //  void **passwordData, SecKeychainItemRef *itemRef)
  SecKeychainFindGenericPassword: {
    parameters: ["pointer", "u32", "buffer", "u32", "buffer", "buffer", "buffer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  // (SecKeychainRef keychain, UInt32 serviceNameLength, const char *serviceName,
  //  UInt32 accountNameLength, const char *accountName, UInt32 passwordLength,
  //  const void *passwordData, SecKeychainItemRef *itemRef)
  SecKeychainAddGenericPassword: {
    parameters: ["pointer", "u32", "buffer", "u32", "buffer", "u32", "buffer", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  // (SecKeychainItemRef itemRef, const SecKeychainAttributeList *attrList, UInt32 length,
  //  const void *data)
  SecKeychainItemModifyAttributesAndData: {
    parameters: ["pointer", "buffer", "u32", "buffer"],
    result: "i32",
    nonblocking: true,
  },
  // (SecKeychainItemRef itemRef)
  SecKeychainItemDelete: { parameters: ["pointer"], result: "i32", nonblocking: true },
  // (SecKeychainAttributeList *attrList, void *data)
  SecKeychainItemFreeContent: { parameters: ["pointer", "pointer"], result: "i32" },
  // CFStringRef (OSStatus status, void *reserved)
  SecCopyErrorMessageString: { parameters: ["i32", "pointer"], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

const CORE_FOUNDATION = {
  // void (CFTypeRef cf)
  CFRelease: { parameters: ["pointer"], result: "void" },
  // Boolean (CFStringRef theString, char *buffer, CFIndex bufferSize, CFStringEncoding encoding)
  CFStringGetCString: { parameters: ["pointer", "buffer", "isize", "u32"], result: "u8" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The two libraries, loaded. */
export interface SecurityLibraries {
  readonly security: Deno.DynamicLibrary<typeof SECURITY>["symbols"];
  readonly core: Deno.DynamicLibrary<typeof CORE_FOUNDATION>["symbols"];
}

/** Loads the libraries at these paths; `undefined` if one cannot be loaded. */
export function loadLibraries(paths: SecurityFrameworkPaths): SecurityLibraries | undefined {
  try {
    const { symbols: security } = Deno.dlopen(paths.security, SECURITY);
    const { symbols: core } = Deno.dlopen(paths.coreFoundation, CORE_FOUNDATION);
    return { security, core };
  } catch {
    return undefined;
  }
}
