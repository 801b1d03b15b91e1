/*
 * A stand-in for Security.framework and CoreFoundation: the calls of SecKeychain.h, SecKeychainItem.h and
 * SecBase.h that the program makes, with the signatures and structures they have there, written from
 * Apple's documentation. A caller that breaks a rule of theirs ends by abort().
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keychain_file.h"

typedef uint32_t UInt32;
typedef unsigned char Boolean;
typedef UInt32 SecKeychainAttrType;
typedef UInt32 SecKeychainStatus;
typedef const void *CFTypeRef;
typedef long CFIndex;
typedef UInt32 CFStringEncoding;

typedef struct {
  SecKeychainAttrType tag;
  UInt32 length;
  void *data;
} SecKeychainAttribute;

typedef struct {
  UInt32 count;
  SecKeychainAttribute *attr;
} SecKeychainAttributeList;

_Static_assert(sizeof(SecKeychainAttribute) == 16, "as on a Mac");
_Static_assert(sizeof(SecKeychainAttributeList) == 16, "as on a Mac");

enum { kSecLabelItemAttr = 'labl', kSecDescriptionItemAttr = 'desc' };
enum { kSecUnlockStateStatus = 1, kSecReadPermStatus = 2, kSecWritePermStatus = 4 };
enum { kCFStringEncodingUTF8 = 0x08000100 };

/* The program that calls, as items trust it. */
static const char *const CALLER = "aws-vault";

typedef enum { KEYCHAIN = 0x6b657963, ITEM = 0x6974656d, STRING = 0x73747267, GONE = 0 } Kind;

typedef struct {
  Kind kind;
  char path[4096];
  Blob service, account;
  const char *text;
} Reference;

typedef Reference *SecKeychainRef;
typedef Reference *SecKeychainItemRef;

static Boolean interaction_allowed = 1;

static Reference *new_reference(Kind kind) {
  Reference *reference = calloc(1, sizeof *reference);
  reference->kind = kind;
  record("reference made");
  return reference;
}

static const Reference *checked(const void *reference, Kind kind, const char *call) {
  const Reference *object = reference;
  if (object == NULL || object->kind != kind) violation("%s: a reference of the wrong kind", call);
  return object;
}

static void check_path(const char *path, const char *call) {
  if (path == NULL || path[0] != '/') violation("%s: not a whole path", call);
}

static Blob checked_name(UInt32 length, const char *name, const char *call) {
  if (name == NULL || length == 0) violation("%s: a name is missing", call);
  Blob blob = blob_of(name, length);
  if (memchr(name, 0, length) != NULL) violation("%s: a name holds a NUL", call);
  if (!is_utf8(blob)) violation("%s: a name is not UTF-8", call);
  return blob;
}

static SecKeychainItemRef item_reference(const char *path, Blob service, Blob account) {
  SecKeychainItemRef item = new_reference(ITEM);
  snprintf(item->path, sizeof item->path, "%s", path);
  item->service = service;
  item->account = account;
  return item;
}

void CFRelease(CFTypeRef cf) {
  Reference *reference = (Reference *)cf;
  if (reference == NULL || reference->kind == GONE) violation("CFRelease: nothing to release");
  record("reference released");
  /* Not freed, so that a use after it is found. */
  reference->kind = GONE;
}

const void *SecCopyErrorMessageString(OSStatus status, void *reserved) {
  if (reserved != NULL) violation("SecCopyErrorMessageString: reserved is not NULL");
  const char *text = message_of(status);
  if (text == NULL) return NULL;
  Reference *string = new_reference(STRING);
  string->text = text;
  return string;
}

Boolean CFStringGetCString(CFTypeRef string, char *buffer, CFIndex size, CFStringEncoding encoding) {
  const Reference *text = checked(string, STRING, "CFStringGetCString");
  if (encoding != kCFStringEncodingUTF8) violation("CFStringGetCString: not as UTF-8");
  if ((CFIndex)strlen(text->text) >= size) return 0;
  strcpy(buffer, text->text);
  return 1;
}

OSStatus SecKeychainSetUserInteractionAllowed(Boolean state) {
  if (state > 1) violation("SecKeychainSetUserInteractionAllowed: not a Boolean");
  interaction_allowed = state;
  return errSecSuccess;
}

OSStatus SecKeychainOpen(const char *pathName, SecKeychainRef *keychain) {
  check_path(pathName, "SecKeychainOpen");
  OSStatus status = scripted("SecKeychainOpen");
  if (status != errSecSuccess) return status;
  *keychain = new_reference(KEYCHAIN);
  snprintf((*keychain)->path, sizeof (*keychain)->path, "%s", pathName);
  return errSecSuccess;
}

OSStatus SecKeychainCreate(const char *pathName, UInt32 passwordLength, const void *password,
                           Boolean promptUser, void *initialAccess, SecKeychainRef *keychain) {
  check_path(pathName, "SecKeychainCreate");
  if (initialAccess != NULL) violation("SecKeychainCreate: an access of its own");
  if (promptUser > 1) violation("SecKeychainCreate: not a Boolean");
  if (promptUser && (password != NULL || passwordLength != 0))
    violation("SecKeychainCreate: a password and a prompt");
  if (!promptUser && (password == NULL || passwordLength == 0))
    violation("SecKeychainCreate: neither a password nor a prompt");
  /* Without it the real one has answered -50. */
  if (keychain == NULL) return errSecParam;
  OSStatus status = scripted("SecKeychainCreate");
  if (status == errSecSuccess && keychain_exists(pathName)) status = errSecDuplicateKeychain;
  if (status == errSecSuccess && promptUser) status = dialog(interaction_allowed, "create");
  if (status == errSecSuccess) status = keychain_create(pathName);
  if (status != errSecSuccess) return status;
  if (!promptUser) record("created with %.*s", (int)passwordLength, (const char *)password);
  *keychain = new_reference(KEYCHAIN);
  snprintf((*keychain)->path, sizeof (*keychain)->path, "%s", pathName);
  return errSecSuccess;
}

OSStatus SecKeychainGetStatus(SecKeychainRef keychain, SecKeychainStatus *keychainStatus) {
  const Reference *opened = checked(keychain, KEYCHAIN, "SecKeychainGetStatus");
  OSStatus status = scripted("SecKeychainGetStatus");
  if (status != errSecSuccess) return status;
  if (!keychain_exists(opened->path)) return errSecNoSuchKeychain;
  *keychainStatus = kSecReadPermStatus | kSecWritePermStatus | (is_locked() ? 0 : kSecUnlockStateStatus);
  return errSecSuccess;
}

OSStatus SecKeychainUnlock(SecKeychainRef keychain, UInt32 passwordLength, const void *password,
                           Boolean usePassword) {
  checked(keychain, KEYCHAIN, "SecKeychainUnlock");
  if (usePassword != 1 || password == NULL) violation("SecKeychainUnlock: without a password");
  OSStatus status = scripted("SecKeychainUnlock");
  return status != errSecSuccess ? status : unlock_with(blob_of(password, passwordLength));
}

OSStatus SecKeychainFindGenericPassword(const void *keychainOrArray, UInt32 serviceNameLength,
                                        const char *serviceName, UInt32 accountNameLength,
                                        const char *accountName, UInt32 *passwordLength,
                                        void **passwordData, SecKeychainItemRef *itemRef) {
  const char *call = "SecKeychainFindGenericPassword";
  const Reference *opened = checked(keychainOrArray, KEYCHAIN, call);
  Blob service = checked_name(serviceNameLength, serviceName, call);
  Blob account = checked_name(accountNameLength, accountName, call);
  if ((passwordLength == NULL) != (passwordData == NULL)) violation("%s: half a password", call);
  if (passwordData == NULL && itemRef == NULL) violation("%s: nothing asked for", call);
  OSStatus status = scripted(call);
  if (status != errSecSuccess) return status;
  Keychain keychain;
  status = keychain_load(&keychain, opened->path);
  Item *item = status == errSecSuccess ? keychain_find(&keychain, service, account) : NULL;
  if (status == errSecSuccess && item == NULL) status = errSecItemNotFound;
  if (status == errSecSuccess && passwordData != NULL) status = require_unlocked(interaction_allowed);
  if (status == errSecSuccess && passwordData != NULL)
    status = require_trust(item, CALLER, interaction_allowed);
  if (status == errSecSuccess && passwordData != NULL) {
    record("secret read");
    *passwordLength = (UInt32)item->field[DATA].length;
    *passwordData = blob_of(item->field[DATA].bytes, item->field[DATA].length).bytes;
  }
  if (status == errSecSuccess && itemRef != NULL)
    *itemRef = item_reference(opened->path, service, account);
  keychain_close(&keychain);
  return status;
}

OSStatus SecKeychainAddGenericPassword(SecKeychainRef keychainRef, UInt32 serviceNameLength,
                                       const char *serviceName, UInt32 accountNameLength,
                                       const char *accountName, UInt32 passwordLength,
                                       const void *passwordData, SecKeychainItemRef *itemRef) {
  const char *call = "SecKeychainAddGenericPassword";
  const Reference *opened = checked(keychainRef, KEYCHAIN, call);
  Blob service = checked_name(serviceNameLength, serviceName, call);
  Blob account = checked_name(accountNameLength, accountName, call);
  if (passwordData == NULL) violation("%s: no data", call);
  OSStatus status = scripted(call);
  if (status != errSecSuccess) return status;
  Keychain keychain;
  status = keychain_load(&keychain, opened->path);
  if (status == errSecSuccess && keychain_find(&keychain, service, account) != NULL)
    status = errSecDuplicateItem;
  if (status == errSecSuccess) status = require_unlocked(interaction_allowed);
  if (status == errSecSuccess) {
    Item *item = keychain_add(&keychain);
    item->field[SERVICE] = service;
    item->field[ACCOUNT] = account;
    item->field[LABEL] = blob_of(service.bytes, service.length);
    item->field[DESCRIPTION] = blob_of_text("");
    item->field[DATA] = blob_of(passwordData, passwordLength);
    item->field[TRUSTED] = blob_of_text(CALLER);
    keychain_save(&keychain);
    service = blob_of(serviceName, serviceNameLength);
    account = blob_of(accountName, accountNameLength);
    if (itemRef != NULL) *itemRef = item_reference(opened->path, service, account);
  }
  keychain_close(&keychain);
  return status;
}

static void set_attribute(Item *item, const SecKeychainAttribute *attribute) {
  if (attribute->data == NULL) violation("an attribute without data");
  Blob text = blob_of(attribute->data, attribute->length);
  if (!is_utf8(text)) violation("an attribute is not UTF-8");
  switch (attribute->tag) {
    case kSecLabelItemAttr: item->field[LABEL] = text; break;
    case kSecDescriptionItemAttr: item->field[DESCRIPTION] = text; break;
    default: violation("an attribute of an unknown tag %08x", attribute->tag);
  }
}

OSStatus SecKeychainItemModifyAttributesAndData(SecKeychainItemRef itemRef,
                                                const SecKeychainAttributeList *attrList,
                                                UInt32 length, const void *data) {
  const char *call = "SecKeychainItemModifyAttributesAndData";
  const Reference *reference = checked(itemRef, ITEM, call);
  if (data == NULL && length != 0) violation("%s: a length without data", call);
  if (attrList == NULL || attrList->count > 8) violation("%s: no list of attributes", call);
  OSStatus status = scripted(call);
  if (status != errSecSuccess) return status;
  Keychain keychain;
  status = keychain_load(&keychain, reference->path);
  Item *item =
      status == errSecSuccess ? keychain_find(&keychain, reference->service, reference->account) : NULL;
  if (status == errSecSuccess && item == NULL) status = errSecItemNotFound;
  if (status == errSecSuccess && data != NULL) status = require_unlocked(interaction_allowed);
  if (status == errSecSuccess) {
    for (UInt32 i = 0; i < attrList->count; i++) set_attribute(item, &attrList->attr[i]);
    /* NULL leaves the data as they are. */
    if (data != NULL) item->field[DATA] = blob_of(data, length);
    keychain_save(&keychain);
  }
  keychain_close(&keychain);
  return status;
}

OSStatus SecKeychainItemDelete(SecKeychainItemRef itemRef) {
  const Reference *reference = checked(itemRef, ITEM, "SecKeychainItemDelete");
  OSStatus status = scripted("SecKeychainItemDelete");
  if (status != errSecSuccess) return status;
  Keychain keychain;
  status = keychain_load(&keychain, reference->path);
  Item *item =
      status == errSecSuccess ? keychain_find(&keychain, reference->service, reference->account) : NULL;
  if (status == errSecSuccess && item == NULL) status = errSecItemNotFound;
  if (status == errSecSuccess) {
    keychain_remove(&keychain, item);
    keychain_save(&keychain);
  }
  keychain_close(&keychain);
  return status;
}

OSStatus SecKeychainItemFreeContent(SecKeychainAttributeList *attrList, void *data) {
  if (attrList != NULL) violation("SecKeychainItemFreeContent: a list that was not given out");
  if (data == NULL) violation("SecKeychainItemFreeContent: nothing to free");
  record("secret freed");
  free(data);
  return errSecSuccess;
}
