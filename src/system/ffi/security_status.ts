/** The results of Security.framework that callers distinguish (`SecBase.h`, `MacErrors.h`). */
const STATUS_NAMES: Readonly<Record<number, string>> = {
  [-50]: "errSecParam",
  [-61]: "errSecWrPerm",
  [-128]: "errSecUserCanceled",
  [-25291]: "errSecNotAvailable",
  [-25292]: "errSecReadOnly",
  [-25293]: "errSecAuthFailed",
  [-25294]: "errSecNoSuchKeychain",
  [-25295]: "errSecInvalidKeychain",
  [-25296]: "errSecDuplicateKeychain",
  [-25299]: "errSecDuplicateItem",
  [-25300]: "errSecItemNotFound",
  [-25304]: "errSecInvalidItemRef",
  [-25308]: "errSecInteractionNotAllowed",
  [-25315]: "errSecInteractionRequired",
  [-25320]: "errSecInDarkWake",
};

/** The name of a result, such as `errSecAuthFailed`; for others its number, such as `OSStatus -67585`. */
export function statusName(status: number): string {
  return STATUS_NAMES[status] ?? `OSStatus ${status}`;
}
