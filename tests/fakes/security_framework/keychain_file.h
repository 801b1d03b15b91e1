/*
 * Keychain files of the stand-ins: what both the library and the program `security` work on.
 *
 * A keychain is a text file, one item a line, each field in hexadecimal; it is changed under a lock and
 * by a rename. What scripts the stand-ins, and what they record, are files in the folder that they are in:
 *
 *   locked   there: keychains are locked, and this is their password
 *   dialog   what a person does with a dialog: allow, cancel, wrong, hang; missing: there is no desktop
 *   script   lines "CALL STATUS": the next such call ends so, whatever it was to do
 *   calls    written: one line for each call, dialog, and secret that was handed out
 */
#ifndef KEYCHAIN_FILE_H
#define KEYCHAIN_FILE_H

#include <stddef.h>
#include <stdint.h>

typedef int32_t OSStatus;

enum {
  errSecSuccess = 0,
  errSecParam = -50,
  errSecUserCanceled = -128,
  errSecAuthFailed = -25293,
  errSecNoSuchKeychain = -25294,
  errSecDuplicateKeychain = -25296,
  errSecDuplicateItem = -25299,
  errSecItemNotFound = -25300,
  errSecInteractionNotAllowed = -25308,
};

typedef struct {
  size_t length;
  uint8_t *bytes;
} Blob;

/* The fields of an item, in the order in which they stand in a line. */
enum { SERVICE, ACCOUNT, LABEL, DESCRIPTION, DATA, TRUSTED, FIELDS };

typedef struct {
  Blob field[FIELDS];
} Item;

typedef struct {
  size_t count;
  Item *items;
  int lock;
  char path[4096];
} Keychain;

/* Ends the process: the caller broke a rule of the real library. */
void violation(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

void record(const char *format, ...) __attribute__((format(printf, 1, 2)));
OSStatus scripted(const char *call);
const char *message_of(OSStatus status);

Blob blob_of(const void *bytes, size_t length);
Blob blob_of_text(const char *text);
int same_blob(Blob a, Blob b);
int is_utf8(Blob blob);

int keychain_exists(const char *path);
OSStatus keychain_create(const char *path);
/* Locks and reads; errSecNoSuchKeychain where there is no file. */
OSStatus keychain_load(Keychain *keychain, const char *path);
void keychain_save(Keychain *keychain);
void keychain_close(Keychain *keychain);
Item *keychain_find(Keychain *keychain, Blob service, Blob account);
Item *keychain_add(Keychain *keychain);
void keychain_remove(Keychain *keychain, Item *item);

int is_locked(void);
OSStatus unlock_with(Blob password);
/* A dialog of macOS; what it is for is recorded. */
OSStatus dialog(int allowed, const char *purpose);
/* Unlocks by a dialog where it is locked. */
OSStatus require_unlocked(int allowed);
/* Asks by a dialog where the item does not trust the program of this name. */
OSStatus require_trust(const Item *item, const char *program, int allowed);

#endif
