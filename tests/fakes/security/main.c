/*
 * A stand-in for /usr/bin/security, over the keychain files of the stand-in library: the commands that the
 * program runs, how `-i` reads them, what they print and how they exit, written from its manual page and
 * from what Apple's sources of it do.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../security_framework/keychain_file.h"

enum { LONGEST_LINE = 4096, MOST_ARGUMENTS = 32 };

/* The program itself, as items trust it. */
static const char *const SELF = "security";

static int failed(const char *what, OSStatus status) {
  const char *message = message_of(status);
  fprintf(stderr, "security: %s: %s\n", what, message != NULL ? message : "An error.");
  return status;
}

/* "text", or 0xHEX  "te\303t" where it is not all printable ASCII, or nothing. */
static void print_blob(FILE *stream, Blob blob) {
  int some_printable = 0, some_other = 0;
  for (size_t i = 0; i < blob.length; i++) {
    int printable = blob.bytes[i] >= ' ' && blob.bytes[i] <= '~' && blob.bytes[i] != '\\';
    if (printable) some_printable = 1;
    else some_other = 1;
  }
  if (some_other) {
    fputs("0x", stream);
    for (size_t i = 0; i < blob.length; i++) fprintf(stream, "%02X", blob.bytes[i]);
    fputs(some_printable ? "  " : " ", stream);
  }
  if (!some_printable) return;
  fputc('"', stream);
  for (size_t i = 0; i < blob.length; i++) {
    uint8_t byte = blob.bytes[i];
    if (byte >= ' ' && byte <= '~' && byte != '\\') fputc(byte, stream);
    else fprintf(stream, "\\%03o", byte);
  }
  fputc('"', stream);
}

static void print_attribute(const char *name, Blob blob) {
  printf("    %s<blob>=", name);
  if (blob.length == 0) fputs("<NULL>", stdout);
  else print_blob(stdout, blob);
  putchar('\n');
}

static void print_item(const char *path, const Item *item) {
  printf("keychain: \"%s\"\nversion: 512\nclass: \"genp\"\nattributes:\n", path);
  print_attribute("0x00000007 ", item->field[LABEL]);
  print_attribute("0x00000008 ", (Blob){0, NULL});
  print_attribute("\"acct\"", item->field[ACCOUNT]);
  puts("    \"cdat\"<timedate>=0x32303236303832323132333235385A00  \"20260822123258Z\\000\"");
  puts("    \"crtr\"<uint32>=\"aapl\"\n    \"cusi\"<sint32>=<NULL>");
  print_attribute("\"desc\"", item->field[DESCRIPTION]);
  print_attribute("\"svce\"", item->field[SERVICE]);
}

static void print_certificate(const char *path) {
  printf("keychain: \"%s\"\nversion: 512\nclass: 0x80001000 \nattributes:\n", path);
  puts("    \"alis\"<blob>=\"somebody\"\n    \"cenc\"<uint32>=0x00000003 ");
  puts("    \"svce\"<blob>=\"aws-vault\"\n    \"acct\"<blob>=\"a certificate\"");
}

typedef struct {
  const char *account, *service, *label, *kind, *password, *hex, *trusted, *path;
  int update, show, prompt;
} Options;

static int parse_options(int argc, char **argv, const char *letters, Options *options) {
  int letter;
  *options = (Options){0};
  optind = 0;
  while ((letter = getopt(argc, argv, letters)) != -1) {
    switch (letter) {
      case 'a': options->account = optarg; break;
      case 's': options->service = optarg; break;
      case 'l': options->label = optarg; break;
      case 'D': options->kind = optarg; break;
      case 'p': options->password = optarg; break;
      case 'P': options->prompt = 1; break;
      case 'X': options->hex = optarg; break;
      case 'T': options->trusted = optarg; break;
      case 'U': options->update = 1; break;
      case 'g': options->show = 1; break;
      default: return 2;
    }
  }
  if (optind + 1 != argc) return 2;
  options->path = argv[optind];
  return 0;
}

static Blob from_hex(const char *hex) {
  size_t length = strlen(hex) / 2;
  Blob blob = {length, malloc(length + 1)};
  for (size_t i = 0; i < length; i++) {
    char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
    blob.bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
  }
  return blob;
}

static OSStatus open_item(const Options *options, Keychain *keychain, Item **item) {
  OSStatus status = keychain_load(keychain, options->path);
  if (status != errSecSuccess) return status;
  *item = keychain_find(keychain, blob_of_text(options->service), blob_of_text(options->account));
  return *item == NULL ? errSecItemNotFound : errSecSuccess;
}

static int find_password(const Options *options) {
  Keychain keychain;
  Item *item;
  OSStatus status = open_item(options, &keychain, &item);
  if (status != errSecSuccess) return failed("SecKeychainSearchCopyNext", status);
  print_item(options->path, item);
  if (!options->show) return 0;
  status = require_unlocked(1);
  if (status == errSecSuccess) status = require_trust(item, SELF, 1);
  if (status != errSecSuccess) return failed("SecKeychainItemCopyContent", status);
  record("secret read");
  fputs("password: ", stderr);
  print_blob(stderr, item->field[DATA]);
  fputc('\n', stderr);
  return 0;
}

static int add_password(const Options *options) {
  const char *call = "SecKeychainItemCreateFromContent";
  Keychain keychain;
  Item *item;
  if (options->account == NULL || options->service == NULL || options->hex == NULL) return 2;
  OSStatus status = open_item(options, &keychain, &item);
  if (status == errSecSuccess && !options->update) return failed(call, errSecDuplicateItem);
  if (status != errSecSuccess && status != errSecItemNotFound) return failed(call, status);
  int is_new = status != errSecSuccess;
  if ((status = require_unlocked(1)) != errSecSuccess) return failed(call, status);
  if (is_new) {
    item = keychain_add(&keychain);
    item->field[SERVICE] = blob_of_text(options->service);
    item->field[ACCOUNT] = blob_of_text(options->account);
    item->field[TRUSTED] = blob_of_text(options->trusted ? options->trusted : SELF);
  }
  item->field[LABEL] = blob_of_text(options->label ? options->label : options->service);
  item->field[DESCRIPTION] = blob_of_text(options->kind ? options->kind : "");
  item->field[DATA] = from_hex(options->hex);
  keychain_save(&keychain);
  return 0;
}

static int delete_password(const Options *options) {
  Keychain keychain;
  Item *item;
  OSStatus status = open_item(options, &keychain, &item);
  if (status != errSecSuccess) return failed("SecKeychainSearchCopyNext", status);
  keychain_remove(&keychain, item);
  keychain_save(&keychain);
  fputs("password has been deleted.\n", stderr);
  return 0;
}

static int dump(const Options *options) {
  Keychain keychain;
  OSStatus status = keychain_load(&keychain, options->path);
  if (status != errSecSuccess) return failed("SecKeychainCopySearchList", status);
  print_certificate(options->path);
  for (size_t i = 0; i < keychain.count; i++) print_item(options->path, &keychain.items[i]);
  return 0;
}

static int create(const Options *options) {
  OSStatus status = keychain_exists(options->path) ? errSecDuplicateKeychain : errSecSuccess;
  if (status == errSecSuccess && options->prompt) status = dialog(1, "create");
  if (status == errSecSuccess) status = keychain_create(options->path);
  if (status != errSecSuccess) return failed("SecKeychainCreate", status);
  if (!options->prompt) record("created with %s", options->password);
  return 0;
}

static int unlock(const Options *options) {
  if (options->password == NULL) return 2;
  OSStatus status = unlock_with(blob_of_text(options->password));
  return status == errSecSuccess ? 0 : failed("SecKeychainUnlock", status);
}

static const struct {
  const char *name, *letters;
  int (*run)(const Options *options);
} COMMANDS[] = {
    {"find-generic-password", "+a:s:g", find_password},
    {"add-generic-password", "+a:s:l:D:X:T:U", add_password},
    {"delete-generic-password", "+a:s:", delete_password},
    {"dump-keychain", "+", dump},
    {"create-keychain", "+p:P", create},
    {"unlock-keychain", "+p:", unlock},
};

static int run_command(int argc, char **argv) {
  Options options;
  OSStatus status = scripted(argv[0]);
  if (status != errSecSuccess) return failed(argv[0], status);
  for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++) {
    if (strcmp(argv[0], COMMANDS[i].name) != 0) continue;
    int usage = parse_options(argc, argv, COMMANDS[i].letters, &options);
    return usage != 0 ? usage : COMMANDS[i].run(&options);
  }
  fprintf(stderr, "security: unknown command \"%s\"\n", argv[0]);
  return 1;
}

/* Arguments are parted by white space; quotes keep it, and a backslash keeps any character. */
static int split(char *line, char **arguments) {
  int count = 0;
  char *from = line, *to = line;
  while (count < MOST_ARGUMENTS) {
    while (isspace((unsigned char)*from)) from++;
    if (*from == '\0') break;
    char quote = *from == '"' || *from == '\'' ? *from++ : '\0';
    arguments[count++] = to;
    while (*from != '\0' && (quote ? *from != quote : !isspace((unsigned char)*from))) {
      if (*from == '\\' && from[1] != '\0') from++;
      *to++ = *from++;
    }
    if (*from != '\0') from++;
    *to++ = '\0';
  }
  arguments[count] = NULL;
  return count;
}

static int interactive(void) {
  char line[LONGEST_LINE];
  char *arguments[MOST_ARGUMENTS + 1];
  int result = 0;
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    int count = split(line, arguments);
    if (count > 0) result = run_command(count, arguments);
  }
  return result;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  for (int i = 1; i < argc; i++) record("argument %s", argv[i]);
  int result = strcmp(argv[1], "-i") == 0 ? interactive() : run_command(argc - 1, argv + 1);
  /* The low byte of the OSStatus. */
  return result & 0xff;
}
