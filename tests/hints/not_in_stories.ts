/**
 * The hints that no story follows, each with why, or where its way is tried otherwise. A story has one
 * file store and no desktop; what needs another keystore, two of them or another system is not there.
 */

const STORE = "of a keystore that a story has not: tests/contract runs it, the flag is tried there";
const TWO_STORES = "needs two keystores: tests/process/migrate_backend_test.ts";
const NO_SYSTEM = "of another system than the one that the tests run on";
const ROTATION = "of a rotation that was cut off: tests/rotation and tests/crash resume it";
const CHOICE = "names a flag without its value, which is the person's choice";
const HERE = "of what a story has not: tests/hints/followed_test.ts follows it";
const NEVER = "never reached by a plan of this program";

/** Hint to reason. */
export const NOT_IN_STORIES: Readonly<Record<string, string>> = {
  "A role that is assumed with a session or another role lasts at most one hour: request 1h, or assume the role directly with the key (--no-session) for longer":
    `${NEVER}: tests/plans`,
  "Choose a shorter profile name, or another --backend": CHOICE,
  "Choose another --backend": CHOICE,
  "Choose another --prompt": CHOICE,
  "Choose another keystore with --backend": CHOICE,
  "Choose another keystore, such as the encrypted file store: --backend=file": STORE,
  "Choose another keystore: --backend=file needs nothing of the system": STORE,
  "Choose another profile name, or another --backend": CHOICE,
  "Finish it first: aws-vault rotate --resume {…} {…}": ROTATION,
  "Give --pass-prefix (AWS_VAULT_PASS_PREFIX) the name of a folder in the store": STORE,
  "Give the code with --mfa-token, or choose another --prompt: {…}":
    "of a prompt that failed: tests/process/exec_prompt_drivers_test.ts",
  "If nobody needs it: aws-vault rotate --resume --delete-other {…} {…}": ROTATION,
  "In a shared store a link can lead to any file: put a folder or file in its place, or name the folder it leads to with --pass-dir":
    STORE,
  "Install {…}, or name the program with --pass-cmd": STORE,
  "It is started and stopped by: aws-vault exec --ec2-server":
    "needs rights of root: tests/process/ec2_server_test.ts",
  "It was left in place; replace it: aws-vault add {…}":
    "of a damaged item: tests/contract, and add_test.ts of tests/crash",
  "Name a browser with --browser, or AWS_VAULT_BROWSER":
    "depends on the machine: tests/process/login_test.ts",
  "Name a profile: aws-vault login PROFILE": "tests/process/login_test.ts",
  "Or choose a keystore that needs no desktop: --backend=file": STORE,
  "Or choose a keystore that needs no desktop: --backend=pass or --backend=file": STORE,
  "Profile {…} has no mfa_serial, so IAM will refuse this session; set it, or use --no-session for IAM":
    "at a terminal only, where standard error is one: hints_followed.txt uses the flag",
  "Replace it: --overwrite": TWO_STORES,
  "Run in another terminal: aws-vault export --min-ttl=6m {…}":
    "of a server: tests/process/serve_test.ts",
  "Run it again and answer the prompt, or choose another collection with --secret-service-collection, such as login":
    STORE,
  "Session policies and session tags are packed together and are too large: shorten the policy (--policy, aws_vault_policy), name managed policies instead (--policy-arn), or use fewer session_tags":
    CHOICE,
  "Sign in with a role: --role-arn, or a profile with a role_arn": "tests/process/login_test.ts",
  "Start it at logon with the Task Scheduler: aws-vault serve --grant NAME=PROFILE": NO_SYSTEM,
  "Start the server with a region of {…}: --region={…}":
    "in a server's answer: tests/stories/role_of_another_partition.txt",
  "Start the server where it can use the unlocked keystore, with the same settings: aws-vault serve {…}":
    "of a server: tests/process/serve_test.ts",
  "The key of profile {…} is {…}{…}: aws-vault rotate {…}":
    "at a terminal only, where standard error is one; hints_followed.txt rotates",
  "The new one is still there; try again, with --overwrite for {…}": TWO_STORES,
  "Then remove the record of the rotation: aws-vault remove --force {…}": ROTATION,
  "There is a key for profile {…} in {…}: --backend={…}": TWO_STORES,
  "To keep {…} and delete {…}: aws-vault rotate --resume --delete-other {…} {…}": ROTATION,
  "To move them: aws-vault migrate-backend --from {…} --to {…}": TWO_STORES,
  "To choose the keystore yourself: --backend={…}, or AWS_VAULT_BACKEND": TWO_STORES,
  "To open the address yourself: --stdout; it signs in once, within 15 minutes":
    "depends on the machine: tests/process/login_test.ts",
  "To store the new key again: aws-vault rotate --resume {…}": ROTATION,
  "To use them: --backend={…}, or AWS_VAULT_BACKEND={…}": TWO_STORES,
  "Use --format=env, or correct the region": CHOICE,
  "Use --imds-port 0, or --server": "needs rights of root: tests/process/ec2_server_test.ts",
  "Use --imds-port 0, which does not need root, or --server":
    "needs rights of root: tests/process/ec2_server_test.ts",
  "Use --passphrase-command or AWS_VAULT_FILE_PASSPHRASE": NO_SYSTEM,
  "Wait longer with --wait": "of two processes: tests/process/flight_test.ts",
  "Without --profile each is stored under its user's name": "src/migration/console_csv_test.ts",
  "{…} can be unlocked: --backend={…}": STORE,
  "{…} has one: --backend={…}": STORE,
  "{…} of profile {…} {…} unencrypted in {…}, which every program can read; aws-vault import stores keys in the keystore":
    "is a warning, which hints_followed.txt shows and follows",
  "Or use the stored key itself: --no-session": `${NEVER}: src/aws/explain_error_test.ts`,
  "{…} works with a long-term key only, and these credentials are temporary: use --no-session":
    `${NEVER}: src/aws/explain_error_test.ts`,
  "Only Firefox has containers: --browser firefox; other browsers have --browser-profile": HERE,
  "It was left in place; replace it: aws-vault add --certificate cert.pem --private-key key.pem {…}":
    HERE,
  "Keep the old key until it is stored: run the command again, or choose another keystore with --backend":
    "of a keystore that forgets: src/read_back_test.ts",
  "Create a new grant: aws-vault grant {…}": "of a server: tests/rails/narrowed_grants_test.ts",
  "Name one: --browser {…}": "depends on the machine: src/browser/place_page_test.ts",
  "Or use KWallet through its own interface: --backend=kwallet": STORE,
  "Remove the one that is not needed: aws-vault mfa forget --backend=NAME PROFILE": HERE,
  "Set {…}, or store the certificate in the keystore: aws-vault add --certificate FILE PROFILE":
    HERE,
  "Store it again: aws-vault add --mfa-secret PROFILE": HERE,
  "Store one: aws-vault add --certificate cert.pem --private-key key.pem {…}": HERE,
  "Unlock the keyring in the desktop session (in KeePassXC, the database); without a desktop, run gnome-keyring-daemon --unlock, which reads its password from standard input":
    STORE,
};
