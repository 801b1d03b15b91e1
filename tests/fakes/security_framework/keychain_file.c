#define _GNU_SOURCE
#include "keychain_file.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void violation(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("stand-in: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  abort();
}

static void control_path(char *path, size_t size, const char *name) {
  Dl_info here;
  if (dladdr((void *)control_path, &here) == 0) violation("cannot find itself");
  const char *end = strrchr(here.dli_fname, '/');
  if (end == NULL) violation("not started by its path");
  snprintf(path, size, "%.*s/%s", (int)(end - here.dli_fname), here.dli_fname, name);
}

void record(const char *format, ...) {
  char path[4096], line[8192];
  control_path(path, sizeof path, "calls");
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line - 1, format, arguments);
  va_end(arguments);
  line[length++] = '\n';
  int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || write(file, line, (size_t)length) != length) violation("cannot record");
  close(file);
}

/* The whole text of a control file, or NULL. */
static char *control_text(const char *name) {
  char path[4096];
  control_path(path, sizeof path, name);
  FILE *file = fopen(path, "re");
  if (file == NULL) return NULL;
  char *text = calloc(1, 65536);
  if (fread(text, 1, 65535, file) == 0) text[0] = '\0';
  fclose(file);
  return text;
}

OSStatus scripted(const char *call) {
  char path[4096];
  record("%s", call);
  char *text = control_text("script");
  if (text == NULL) return errSecSuccess;
  OSStatus status = errSecSuccess;
  size_t length = strlen(call);
  for (char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
    if (strncmp(line, call, length) != 0 || line[length] != ' ') continue;
    status = (OSStatus)strtol(line + length, NULL, 10);
    char *rest = strchr(line, '\n') + 1;
    memmove(line, rest, strlen(rest) + 1);
    control_path(path, sizeof path, "script");
    FILE *file = fopen(path, "we");
    fputs(text, file);
    fclose(file);
    break;
  }
  free(text);
  return status;
}

const char *message_of(OSStatus status) {
  switch (status) {
    case errSecParam: return "One or more parameters passed to a function were not valid.";
    case errSecUserCanceled: return "User canceled the operation.";
    case errSecAuthFailed: return "The user name or passphrase you entered is not correct.";
    case errSecNoSuchKeychain: return "The specified keychain could not be found.";
    case errSecDuplicateKeychain: return "A keychain with the same name already exists.";
    case errSecDuplicateItem: return "The specified item already exists in the keychain.";
    case errSecItemNotFound: return "The specified item could not be found in the keychain.";
    case errSecInteractionNotAllowed: return "User interaction is not allowed.";
    case -67671: return "An error\x1b[31m of others \xc3\xa9.";
    default: return NULL;
  }
}

Blob blob_of(const void *bytes, size_t length) {
  Blob blob = {length, malloc(length + 1)};
  if (length > 0) memcpy(blob.bytes, bytes, length);
  return blob;
}

Blob blob_of_text(const char *text) { return blob_of(text, strlen(text)); }

int same_blob(Blob a, Blob b) {
  return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

int is_utf8(Blob blob) {
  for (size_t i = 0; i < blob.length;) {
    uint8_t byte = blob.bytes[i++];
    int more = byte < 0x80 ? 0 : byte >= 0xc2 && byte < 0xe0 ? 1 : (byte & 0xf0) == 0xe0 ? 2
             : byte >= 0xf0 && byte < 0xf5 ? 3 : -1;
    if (more < 0) return 0;
    while (more-- > 0)
      if (i >= blob.length || (blob.bytes[i++] & 0xc0) != 0x80) return 0;
  }
  return 1;
}

int keychain_exists(const char *path) { return access(path, F_OK) == 0; }

OSStatus keychain_create(const char *path) {
  int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return errno == EEXIST ? errSecDuplicateKeychain : errSecNoSuchKeychain;
  close(file);
  return errSecSuccess;
}

static Blob read_hex(const char **at) {
  size_t length = strspn(*at, "0123456789abcdef") / 2;
  Blob blob = {length, malloc(length + 1)};
  for (size_t i = 0; i < length; i++) {
    char digits[3] = {(*at)[2 * i], (*at)[2 * i + 1], 0};
    blob.bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
  }
  *at += 2 * length + 1;
  return blob;
}

OSStatus keychain_load(Keychain *keychain, const char *path) {
  char lock_path[4200];
  *keychain = (Keychain){.lock = -1};
  if (!keychain_exists(path)) return errSecNoSuchKeychain;
  snprintf(keychain->path, sizeof keychain->path, "%s", path);
  snprintf(lock_path, sizeof lock_path, "%s.lock", path);
  keychain->lock = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (keychain->lock < 0 || flock(keychain->lock, LOCK_EX) != 0) violation("cannot lock");
  FILE *file = fopen(path, "re");
  char *line = NULL;
  size_t size = 0;
  while (getline(&line, &size, file) > 0) {
    const char *at = line;
    Item *item = keychain_add(keychain);
    for (int i = 0; i < FIELDS; i++) item->field[i] = read_hex(&at);
  }
  free(line);
  fclose(file);
  return errSecSuccess;
}

void keychain_save(Keychain *keychain) {
  char new_path[4200];
  snprintf(new_path, sizeof new_path, "%s.new", keychain->path);
  FILE *file = fopen(new_path, "we");
  for (size_t i = 0; i < keychain->count; i++) {
    for (int j = 0; j < FIELDS; j++) {
      Blob blob = keychain->items[i].field[j];
      for (size_t k = 0; k < blob.length; k++) fprintf(file, "%02x", blob.bytes[k]);
      fputc(j == FIELDS - 1 ? '\n' : ' ', file);
    }
  }
  if (fclose(file) != 0 || rename(new_path, keychain->path) != 0) violation("cannot save");
}

void keychain_close(Keychain *keychain) {
  for (size_t i = 0; i < keychain->count; i++)
    for (int j = 0; j < FIELDS; j++) free(keychain->items[i].field[j].bytes);
  free(keychain->items);
  if (keychain->lock >= 0) close(keychain->lock);
  *keychain = (Keychain){.lock = -1};
}

Item *keychain_find(Keychain *keychain, Blob service, Blob account) {
  for (size_t i = 0; i < keychain->count; i++) {
    Item *item = &keychain->items[i];
    if (same_blob(item->field[SERVICE], service) && same_blob(item->field[ACCOUNT], account))
      return item;
  }
  return NULL;
}

Item *keychain_add(Keychain *keychain) {
  keychain->items = realloc(keychain->items, (keychain->count + 1) * sizeof(Item));
  return &keychain->items[keychain->count++];
}

void keychain_remove(Keychain *keychain, Item *item) {
  for (int j = 0; j < FIELDS; j++) free(item->field[j].bytes);
  *item = keychain->items[--keychain->count];
}

int is_locked(void) {
  char *password = control_text("locked");
  free(password);
  return password != NULL;
}

static void unlock(void) {
  char path[4096];
  control_path(path, sizeof path, "locked");
  unlink(path);
  record("unlocked");
}

OSStatus unlock_with(Blob password) {
  char *expected = control_text("locked");
  if (expected == NULL) return errSecSuccess;
  int right = same_blob(password, blob_of_text(expected));
  free(expected);
  if (!right) return errSecAuthFailed;
  unlock();
  return errSecSuccess;
}

OSStatus dialog(int allowed, const char *purpose) {
  if (!allowed) return errSecInteractionNotAllowed;
  char *answer = control_text("dialog");
  if (answer == NULL) return errSecInteractionNotAllowed;
  record("dialog %s", purpose);
  if (strcmp(answer, "hang") == 0) pause();
  OSStatus status = strcmp(answer, "allow") == 0    ? errSecSuccess
                    : strcmp(answer, "cancel") == 0 ? errSecUserCanceled
                                                    : errSecAuthFailed;
  free(answer);
  return status;
}

OSStatus require_unlocked(int allowed) {
  if (!is_locked()) return errSecSuccess;
  OSStatus status = dialog(allowed, "unlock");
  if (status == errSecSuccess) unlock();
  return status;
}

OSStatus require_trust(const Item *item, const char *program, int allowed) {
  if (same_blob(item->field[TRUSTED], blob_of_text(program))) return errSecSuccess;
  return dialog(allowed, "trust");
}
