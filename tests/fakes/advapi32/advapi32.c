/*
 * A stand-in for advapi32.dll and kernel32.dll: the calls of wincred.h that the program makes, with the
 * signatures and structures they have there, written from Microsoft's documentation. A caller that breaks
 * a rule of theirs ends by abort().
 *
 * Credentials are in the file `credentials` in the folder that this library is in, one a line, changed
 * under a lock. Other files there script it and record what it did:
 *
 *   script   lines "CALL ERROR": the next such call fails so
 *   lose     there: GetLastError gives 0, as where a runtime made calls in between
 *   hide     there: a program that looks at a blob that is handed out is killed by SIGSEGV
 *   die-at   a number: the process kills itself before the write or removal of that number, from 1
 *   calls    written: one line for each call
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

typedef uint32_t DWORD;
typedef int32_t BOOL;
typedef uint16_t WCHAR;

typedef struct {
  DWORD dwLowDateTime, dwHighDateTime;
} FILETIME;

typedef struct {
  DWORD Flags;
  DWORD Type;
  WCHAR *TargetName;
  WCHAR *Comment;
  FILETIME LastWritten;
  DWORD CredentialBlobSize;
  uint8_t *CredentialBlob;
  DWORD Persist;
  DWORD AttributeCount;
  void *Attributes;
  WCHAR *TargetAlias;
  WCHAR *UserName;
} CREDENTIALW;

_Static_assert(sizeof(CREDENTIALW) == 80, "as on 64-bit Windows");

enum { CRED_TYPE_GENERIC = 1, CRED_PERSIST_LOCAL_MACHINE = 2 };
enum { MAX_BLOB = 5 * 512, MAX_NAME = 32767, MAX_COUNT = 20000 };
enum { ERROR_INVALID_PARAMETER = 87, ERROR_INVALID_FLAGS = 1004, ERROR_NOT_FOUND = 1168 };
enum { RPC_X_BAD_STUB_DATA = 1783 };

typedef struct {
  DWORD type, persist;
  uint64_t written;
  size_t name_units, blob_size;
  WCHAR *name;
  uint8_t *blob;
} Entry;

static _Thread_local DWORD last_error;

static void violation(const char *what) {
  fprintf(stderr, "stand-in: %s\n", what);
  abort();
}

static void path_of(char *path, size_t size, const char *name) {
  Dl_info here;
  if (dladdr((void *)path_of, &here) == 0) violation("cannot find itself");
  const char *end = strrchr(here.dli_fname, '/');
  if (end == NULL) violation("not loaded by its path");
  snprintf(path, size, "%.*s/%s", (int)(end - here.dli_fname), here.dli_fname, name);
}

static int control_exists(const char *name) {
  char path[4096];
  path_of(path, sizeof path, name);
  return access(path, F_OK) == 0;
}

static void record(const char *call) {
  char path[4096];
  path_of(path, sizeof path, "calls");
  FILE *file = fopen(path, "ae");
  fprintf(file, "%s\n", call);
  fclose(file);
}

/* Records a call, and gives the error that the script has for it, or 0. */
static DWORD begin(const char *call) {
  char path[4096], text[4096] = "";
  record(call);
  path_of(path, sizeof path, "script");
  FILE *file = fopen(path, "re");
  if (file == NULL) return 0;
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  size_t length = strlen(call);
  for (char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
    if (strncmp(line, call, length) != 0 || line[length] != ' ') continue;
    DWORD error = (DWORD)strtoul(line + length, NULL, 10);
    char *rest = strchr(line, '\n') + 1;
    memmove(line, rest, strlen(rest) + 1);
    file = fopen(path, "we");
    fputs(text, file);
    fclose(file);
    return error;
  }
  return 0;
}

static BOOL fail(DWORD error) {
  last_error = error;
  return 0;
}

static void die_if_due(void) {
  char path[4096];
  unsigned steps = 0;
  path_of(path, sizeof path, "die-at");
  FILE *file = fopen(path, "r+e");
  if (file == NULL) return;
  if (fscanf(file, "%u", &steps) != 1) violation("die-at is not a number");
  if (--steps == 0) kill(getpid(), SIGKILL);
  rewind(file);
  fprintf(file, "%-10u", steps);
  fclose(file);
}

static size_t units_of(const WCHAR *text) {
  size_t count = 0;
  while (text[count] != 0)
    if (++count > MAX_NAME) violation("a name without an end");
  return count;
}

/* Windows compares in upper case, unit by unit; here for Latin letters. */
static WCHAR folded(WCHAR unit) {
  int is_lower = (unit >= 'a' && unit <= 'z') || (unit >= 0xe0 && unit <= 0xfe && unit != 0xf7);
  return is_lower ? (WCHAR)(unit - 0x20) : unit;
}

static int begins_with(const Entry *entry, const WCHAR *text, size_t units) {
  if (entry->name_units < units) return 0;
  for (size_t i = 0; i < units; i++)
    if (folded(entry->name[i]) != folded(text[i])) return 0;
  return 1;
}

static int same_name(const Entry *entry, const WCHAR *text) {
  return entry->name_units == units_of(text) && begins_with(entry, text, entry->name_units);
}

typedef struct {
  int lock;
  size_t count;
  Entry *entries;
} Store;

static void *from_hex(const char *hex, size_t *size) {
  size_t length = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;
  uint8_t *bytes = calloc(1, length + 2);
  for (size_t i = 0; i < length; i++) {
    char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
    bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
  }
  *size = length;
  return bytes;
}

static Store load(void) {
  char path[4096];
  Store store = {0};
  path_of(path, sizeof path, "lock");
  store.lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (store.lock < 0 || flock(store.lock, LOCK_EX) != 0) violation("cannot lock");
  path_of(path, sizeof path, "credentials");
  FILE *file = fopen(path, "re");
  if (file == NULL) return store;
  store.entries = calloc(MAX_COUNT, sizeof(Entry));
  char *name, *blob;
  unsigned long long written;
  DWORD type, persist;
  while (fscanf(file, "%u %u %llu %ms %ms", &type, &persist, &written, &name, &blob) == 5) {
    Entry *entry = &store.entries[store.count++];
    size_t bytes;
    *entry = (Entry){.type = type, .persist = persist, .written = written};
    entry->name = from_hex(name, &bytes);
    entry->name_units = bytes / 2;
    entry->blob = from_hex(blob, &entry->blob_size);
    free(name);
    free(blob);
  }
  fclose(file);
  return store;
}

static void print_hex(FILE *file, const void *data, size_t size) {
  const uint8_t *bytes = data;
  fputc(' ', file);
  if (size == 0) fputc('-', file);
  for (size_t i = 0; i < size; i++) fprintf(file, "%02x", bytes[i]);
}

static void save(const Store *store) {
  char path[4096], new_path[4096];
  path_of(path, sizeof path, "credentials");
  path_of(new_path, sizeof new_path, "credentials.new");
  FILE *file = fopen(new_path, "we");
  for (size_t i = 0; i < store->count; i++) {
    const Entry *entry = &store->entries[i];
    fprintf(file, "%u %u %llu", entry->type, entry->persist, (unsigned long long)entry->written);
    print_hex(file, entry->name, entry->name_units * 2);
    print_hex(file, entry->blob, entry->blob_size);
    fputc('\n', file);
  }
  if (fclose(file) != 0 || rename(new_path, path) != 0) violation("cannot save");
}

static void unload(Store *store) {
  for (size_t i = 0; i < store->count; i++) {
    free(store->entries[i].name);
    free(store->entries[i].blob);
  }
  free(store->entries);
  close(store->lock);
}

static Entry *find(Store *store, const WCHAR *name) {
  for (size_t i = 0; i < store->count; i++)
    if (same_name(&store->entries[i], name)) return &store->entries[i];
  return NULL;
}

/* What is handed out stands behind a mark, so that CredFree knows its own. */
static const uint64_t HANDED_OUT = 0x63726564667265ull;

static void *hand_out(size_t size) {
  uint64_t *memory = calloc(1, size + 16);
  memory[0] = HANDED_OUT;
  return memory + 2;
}

static CREDENTIALW *credential_of(const Entry *entry) {
  CREDENTIALW *credential = hand_out(sizeof *credential);
  credential->Type = entry->type;
  credential->TargetName = calloc(entry->name_units + 1, 2);
  memcpy(credential->TargetName, entry->name, entry->name_units * 2);
  credential->LastWritten = (FILETIME){(DWORD)entry->written, (DWORD)(entry->written >> 32)};
  credential->CredentialBlobSize = (DWORD)entry->blob_size;
  credential->Persist = entry->persist;
  credential->UserName = calloc(1, 2);
  if (control_exists("hide")) {
    credential->CredentialBlob = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  } else if (entry->blob_size > 0) {
    credential->CredentialBlob = malloc(entry->blob_size);
    memcpy(credential->CredentialBlob, entry->blob, entry->blob_size);
  }
  return credential;
}

static void check_name(const WCHAR *name) {
  if (name == NULL || name[0] == 0) violation("a name is missing");
  units_of(name);
}

DWORD GetLastError(void) { return control_exists("lose") ? 0 : last_error; }

BOOL CredReadW(const WCHAR *TargetName, DWORD Type, DWORD Flags, CREDENTIALW **Credential) {
  check_name(TargetName);
  if (Type != CRED_TYPE_GENERIC || Flags != 0 || Credential == NULL) violation("CredReadW");
  DWORD error = begin("CredReadW");
  if (error != 0) return fail(error);
  Store store = load();
  const Entry *entry = find(&store, TargetName);
  if (entry != NULL) *Credential = credential_of(entry);
  unload(&store);
  return entry != NULL ? 1 : fail(ERROR_NOT_FOUND);
}

BOOL CredWriteW(const CREDENTIALW *Credential, DWORD Flags) {
  struct timespec now;
  if (Credential == NULL || Flags != 0 || Credential->Flags != 0) violation("CredWriteW: flags");
  check_name(Credential->TargetName);
  if (Credential->Type != CRED_TYPE_GENERIC) violation("CredWriteW: type");
  if (Credential->Persist != CRED_PERSIST_LOCAL_MACHINE) violation("CredWriteW: persist");
  if (Credential->AttributeCount != 0 || Credential->Attributes != NULL)
    violation("CredWriteW: attributes");
  if (Credential->TargetAlias != NULL) violation("CredWriteW: alias");
  if (Credential->Comment == NULL || units_of(Credential->Comment) > 256)
    violation("CredWriteW: comment");
  if (Credential->UserName == NULL || units_of(Credential->UserName) > 513)
    violation("CredWriteW: user name");
  if (Credential->CredentialBlobSize > 0 && Credential->CredentialBlob == NULL)
    violation("CredWriteW: a size without a blob");
  DWORD error = begin("CredWriteW");
  if (error != 0) return fail(error);
  if (Credential->CredentialBlobSize > MAX_BLOB) return fail(RPC_X_BAD_STUB_DATA);
  die_if_due();
  Store store = load();
  Entry *entry = find(&store, Credential->TargetName);
  if (entry == NULL) {
    if (store.entries == NULL) store.entries = calloc(MAX_COUNT, sizeof(Entry));
    entry = &store.entries[store.count++];
    *entry = (Entry){.type = Credential->Type, .name_units = units_of(Credential->TargetName)};
    entry->name = calloc(entry->name_units + 1, 2);
    memcpy(entry->name, Credential->TargetName, entry->name_units * 2);
  }
  clock_gettime(CLOCK_REALTIME, &now);
  entry->persist = Credential->Persist;
  entry->written = ((uint64_t)now.tv_sec + 11644473600ull) * 10000000ull + (uint64_t)now.tv_nsec / 100;
  free(entry->blob);
  entry->blob_size = Credential->CredentialBlobSize;
  entry->blob = malloc(entry->blob_size + 1);
  if (entry->blob_size > 0) memcpy(entry->blob, Credential->CredentialBlob, entry->blob_size);
  save(&store);
  unload(&store);
  return 1;
}

BOOL CredDeleteW(const WCHAR *TargetName, DWORD Type, DWORD Flags) {
  check_name(TargetName);
  if (Type != CRED_TYPE_GENERIC || Flags != 0) violation("CredDeleteW");
  DWORD error = begin("CredDeleteW");
  if (error != 0) return fail(error);
  die_if_due();
  Store store = load();
  Entry *entry = find(&store, TargetName);
  if (entry != NULL) {
    free(entry->name);
    free(entry->blob);
    *entry = store.entries[--store.count];
    save(&store);
  }
  unload(&store);
  return entry != NULL ? 1 : fail(ERROR_NOT_FOUND);
}

BOOL CredEnumerateW(const WCHAR *Filter, DWORD Flags, DWORD *Count, CREDENTIALW ***Credential) {
  size_t units = 0;
  if (Flags != 0 || Count == NULL || Credential == NULL) violation("CredEnumerateW");
  if (Filter != NULL) {
    check_name(Filter);
    units = units_of(Filter);
    /* The documentation has no other filters than a beginning and an asterisk. */
    if (Filter[units - 1] != '*') violation("CredEnumerateW: a filter without an asterisk");
    units--;
  }
  DWORD error = begin("CredEnumerateW");
  if (error != 0) return fail(error);
  Store store = load();
  CREDENTIALW **array = hand_out((store.count + 1) * sizeof *array);
  DWORD count = 0;
  for (size_t i = 0; i < store.count; i++)
    if (Filter == NULL || begins_with(&store.entries[i], Filter, units))
      array[count++] = credential_of(&store.entries[i]);
  unload(&store);
  if (count == 0) return fail(ERROR_NOT_FOUND);
  *Count = count;
  *Credential = array;
  return 1;
}

void CredFree(void *Buffer) {
  uint64_t *memory = (uint64_t *)Buffer - 2;
  if (Buffer == NULL || memory[0] != HANDED_OUT) violation("CredFree: not what was handed out");
  record("CredFree");
  memory[0] = 0;
  memset(Buffer, 0xdd, 8);
}
