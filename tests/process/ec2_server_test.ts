/** `exec --ec2-server` in a network of the test's own, which has its loopback interface and no more. */

import assert from "node:assert/strict";
import type { Home } from "../home.ts";
import { requireService, runs } from "../services.ts";
import { programWords } from "./launch.ts";
import { inNamespace, openCachedHome, programLine, requireNamespace } from "./namespace.ts";

const NAMESPACE = requireNamespace();

/** What a program does that looks for a metadata service where it always is. */
const FETCH = `
base=http://169.254.169.254/latest
token=$(curl -sS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $base/api/token)
curl -sS -H "X-aws-ec2-metadata-token: $token" $base/meta-data/iam/security-credentials/aws-vault |
  grep -o '"Code":"Success"'
ip -brief address show lo
`;

async function openHome(): Promise<Home> {
  const home = await openCachedHome();
  home.write("fetch.sh", FETCH);
  return home;
}

const LO = "lo               UNKNOWN        127.0.0.1/8 ";

Deno.test({
  name: "exec --ec2-server serves at 169.254.169.254, and takes the address away at the end",
  ...NAMESPACE,
  async fn() {
    await using home = await openHome();
    const said = await inNamespace(
      home,
      `exec_with --ec2-server work -- sh -c 'env | grep EC2; sh $HOME/fetch.sh; exit 7'
       echo "exit $?"
       ip -brief address show lo
       ps -eo args | grep -c '[p]roxy --port'`,
    );
    assert.deepEqual(said, [
      '"Code":"Success"',
      `${LO}169.254.169.254/32 ::1/128 `,
      "exit 7",
      `${LO}::1/128 `,
      "0",
    ]);
  },
});

Deno.test({
  name: "exec --ec2-server leaves no address and no proxy behind when one of the two is killed",
  ...NAMESPACE,
  async fn() {
    await using home = await openHome();
    const said = await inNamespace(
      home,
      `mkfifo ready
       exec_with --ec2-server work -- sh -c 'echo >ready; exec sleep 600' &
       read line <ready
       kill -KILL $(pgrep -f 'exec --ec2-server')
       until_gone
       while pgrep -f 'proxy --port' >/dev/null; do :; done
       pkill sleep

       exec_with --ec2-server work -- sh -c 'proxies=$(pgrep -f "[p]roxy --port"); kill -KILL $proxies
         for proxy in $proxies; do while kill -0 $proxy 2>/dev/null; do :; done; done
         while ip address show lo | grep -q 169.254; do :; done; exit 3'
       echo "exit $?"
       ip -brief address show lo`,
    );
    assert.deepEqual(said.filter((line) => !/^Killed/.test(line)), [
      "exit 3",
      `${LO}::1/128 `,
      "warning: Nothing is served at 169.254.169.254 any longer: the proxy exited with code 137",
    ]);
  },
});

Deno.test({
  name: "exec --ec2-server takes the address away itself where what was to do so was killed",
  ...NAMESPACE,
  async fn() {
    await using home = await openHome();
    const said = await inNamespace(
      home,
      `exec_with --ec2-server work -- sh -c 'kill -KILL $(pgrep -f "^/bin/sh -c read [w]ord"); exit 3'
       echo "exit $?"
       ip -brief address show lo`,
    );
    assert.deepEqual(said, ["exit 3", `${LO}::1/128 `]);
  },
});

/**
 * Kills everything that would remove the address, in the child of `exec --ec2-server`. Stopped first: each of
 * them removes it when it sees the end of the other.
 */
const KILL_BOTH = 'both="$(pgrep -f "[p]roxy --port") $(pgrep -f "^/bin/sh -c read [w]ord")"; ' +
  "kill -STOP $both; kill -KILL $both";

/** What is said or not, depending on which ends first. */
const maySay = (line: string) => /^Terminated$|^warning: Nothing is served at/.test(line);

Deno.test({
  name: "exec --ec2-server leaves no address where all that would remove it were killed",
  ...NAMESPACE,
  async fn() {
    await using home = await openHome();
    const said = await inNamespace(
      home,
      `exec_with --ec2-server work -- sh -c '${KILL_BOTH}'
       ip -brief address show lo
       timeout 60 ip -oneline monitor address | { grep -m 1 -o "Deleted.*inet 169[^ ]*"; pkill -x ip; }
       ip -brief address show lo`,
    );
    assert.deepEqual(
      said.filter((line) => !maySay(line)).map((line) => line.replace(/Deleted.*inet/, "Deleted")),
      [
        `${LO}169.254.169.254/32 ::1/128 `,
        "Deleted 169.254.169.254/32",
        `${LO}::1/128 `,
      ],
    );
  },
});

Deno.test({
  name: "exec --ec2-server uses the address that a killed one left, keeps it, and takes it away",
  ...NAMESPACE,
  async fn() {
    await using home = await openHome();
    const said = await inNamespace(
      home,
      `exec_with --ec2-server work -- sh -c '${KILL_BOTH}'
       export AGAIN=$AWS_VAULT_FILE_PASSPHRASE
       exec_with --ec2-server work -- sh -c '
         timeout 60 ip -oneline monitor address | { grep -m 2 -o "inet 169[^ ]*"; pkill -x ip; }
         AWS_VAULT_FILE_PASSPHRASE=$AGAIN ${programLine()} exec --ec2-server work -- true
         echo "exit $?"; sh fetch.sh'
       ip -brief address show lo`,
    );
    assert.deepEqual(
      said.filter((line) => !maySay(line)).map((line) => line.replace(/process \d+/, "process N")),
      [
        "inet 169.254.169.254/32",
        "inet 169.254.169.254/32",
        "exit 1",
        '"Code":"Success"',
        `${LO}169.254.169.254/32 ::1/128 `,
        `${LO}::1/128 `,
        `error: Cannot listen on "169.254.169.254:80": "${programName()}" (process N) uses it`,
        "hint: Use --imds-port 0, which does not need root, or --server",
      ],
    );
  },
});

Deno.test({
  name: "exec --ec2-server answers 10,000 clients at once, and clients beside 15,000 idle ones",
  ...NAMESPACE,
  async fn() {
    await using home = await openHome();
    home.write("rush.py", RUSH);
    const rush = (words: string) =>
      // Each in a network of its own: the ports of the one before are not free at once.
      inNamespace(home, `exec_with --ec2-server work -- python3 rush.py ${words}`);
    const all = ["all are answered"];
    assert.deepEqual([await rush("10000"), await rush("600 15000")], [all, all]);
  },
});

Deno.test({
  name: "exec --ec2-server says who has the address already, and takes nothing from it",
  ...NAMESPACE,
  async fn() {
    await using home = await openHome();
    home.write("listen.py", LISTEN);
    const said = await inNamespace(
      home,
      `mkfifo ready
       python3 listen.py 0.0.0.0 >ready &
       read line <ready
       exec_with --ec2-server work -- true
       kill $!
       wait
       ip address add 169.254.169.254/32 dev lo
       export AGAIN=$AWS_VAULT_FILE_PASSPHRASE
       exec_with --ec2-server work -- sh -c 'exec_again() { ${programLine()} exec --ec2-server "$@"; }
         export AWS_VAULT_FILE_PASSPHRASE=$AGAIN
         exec_again work -- true; echo "exit $?"'
       ip -brief address show lo`,
    );
    const by = 'error: Cannot listen on "169.254.169.254:80": ';
    assert.deepEqual(said.map((line) => line.replace(/process \d+/, "process N")), [
      "exit 1",
      `${LO}169.254.169.254/32 ::1/128 `,
      `${by}"python3" (process N) uses it`,
      "hint: Use --imds-port 0, which does not need root, or --server",
      `${by}"${programName()}" (process N) uses it`,
      "hint: Use --imds-port 0, which does not need root, or --server",
    ]);
  },
});

Deno.test({
  name: "exec --ec2-server answers no guest of this machine, and no name that leads here",
  ...NAMESPACE,
  async fn() {
    await using home = await openHome();
    const said = await inNamespace(
      home,
      `unshare --net sleep 600 &
       guest=$!
       while [ "$(readlink /proc/$guest/ns/net)" = "$(readlink /proc/$$/ns/net)" ]; do :; done
       ip link add here type veth peer name there netns $guest
       ip address add 10.99.0.1/24 dev here
       ip link set here up
       in_guest() { nsenter --target $guest --net "$@"; }
       in_guest ip address add 10.99.0.2/24 dev there
       in_guest ip link set there up
       in_guest ip route add 169.254.169.254 via 10.99.0.1
       exec_with --ec2-server work -- sh -c "$(cat <<'END'
         at=169.254.169.254/latest/api/token
         code() { curl -s -o /dev/null -w '%{http_code}\\n' -X PUT "$@"; }
         code http://$at
         code -H 'Host: attacker.example' http://$at
         code --resolve rebound.example:80:169.254.169.254 http://rebound.example/latest/api/token
         code -H 'X-Forwarded-For: 10.0.0.1' http://$at
         code http://169.254.169.254/stop
         curl -s http://169.254.169.254/stop | grep -oE '^.{22}'
         code http://$at
         guest=$(pgrep -x sleep)
         nsenter --target $guest --net curl -s -X PUT http://$at; echo "guest $?"
END
       )"
       kill $guest`,
    );
    assert.deepEqual(said, [
      "200",
      "403",
      "403",
      "400",
      "405",
      '{"code":"Unauthorized"',
      "200",
      "guest 52",
    ]);
  },
});

Deno.test({
  name: "exec --ec2-server asks sudo for what it cannot do itself, and runs the command without it",
  // Only root can let somebody use sudo.
  ...NAMESPACE.ignore || Deno.uid() !== 0
    ? { ignore: true }
    : requireService("sudo", runs("sudo", "--version"), "apt-get install sudo"),
  async fn() {
    await using home = await openHome();
    // Somebody who can read this program wherever it is, and is allowed nothing else but by sudo.
    const nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps " +
      "-all,+dac_read_search --ambient-caps -all,+dac_read_search";
    const said = await inNamespace(
      home,
      `mount -t tmpfs -o mode=755 tmpfs /etc/sudoers.d
       chown -R 65534 .
       exec_as_nobody() { ${nobody} ${programLine()} exec --ec2-server "$@"; }
       exec_as_nobody --no-prompt work -- true
       echo "exit $?"
       echo '#65534 ALL=(root) NOPASSWD: ALL' >/etc/sudoers.d/nobody
       exec_as_nobody work -- sh -c 'id -u; sh $HOME/fetch.sh
         ps -o user= -p $(pgrep -f "[p]roxy --port" | tail -1)'
       ip -brief address show lo
       mkfifo -m 666 ready
       exec_as_nobody work -- sh -c 'echo >ready; exec sleep 600' &
       read line <ready
       pkill -KILL -u 65534 -f 'exec --ec2-server'
       until_gone
       while pgrep -f 'proxy --port' >/dev/null; do :; done
       echo "gone with its caller"`,
    );
    assert.deepEqual(said.filter((line) => line !== "Killed"), [
      "exit 1",
      "65534",
      '"Code":"Success"',
      `${LO}169.254.169.254/32 ::1/128 `,
      "root",
      `${LO}::1/128 `,
      "gone with its caller",
      "sudo: a password is required",
      'error: Cannot serve at "169.254.169.254": sudo exited with code 1',
      "hint: Use --imds-port 0, which does not need root, or --server",
    ]);
  },
});

Deno.test({
  name: "exec --ec2-server lets no client wait for others that keep their connections",
  ...NAMESPACE,
  async fn() {
    await using home = await openHome();
    home.write("keep.py", KEEP);
    const said = await inNamespace(home, "exec_with --ec2-server work -- python3 keep.py");
    assert.deepEqual(said, ["900 tokens"]);
  },
});

/** SDKs of 900 processes, each of which keeps its connection; none of them waits long for an answer. */
const KEEP = `
import resource, socket
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
kept, tokens = [], 0
for _ in range(900):
    client = socket.create_connection(("169.254.169.254", 80), timeout=1)
    client.sendall(b"PUT /latest/api/token HTTP/1.1\\r\\nHost: 169.254.169.254\\r\\n\\r\\n")
    tokens += client.recv(4096).startswith(b"HTTP/1.1 200")
    kept.append(client)
print(tokens, "tokens")
`;

/**
 * Asks for tokens over so many connections at once; so many others are open and say nothing in the meantime. The
 * limit of open files can make them fewer.
 */
const RUSH = `
import resource, selectors, socket, sys
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
most = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
count = min(int(sys.argv[1]), most - 50)
others = min(int(sys.argv[2]), most - 50 - count) if len(sys.argv) > 2 else 0
def connect():
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(("169.254.169.254", 80))
    return client
idle = [connect() for _ in range(others)]
ask = b"PUT /latest/api/token HTTP/1.1\\r\\nHost: 169.254.169.254\\r\\nConnection: close\\r\\n\\r\\n"
waiting = selectors.DefaultSelector()
for _ in range(count):
    waiting.register(connect(), selectors.EVENT_WRITE)
answers = 0
while waiting.get_map():
    for key, _ in waiting.select():
        client = key.fileobj
        if key.events == selectors.EVENT_WRITE:
            client.send(ask)
            waiting.modify(client, selectors.EVENT_READ)
            continue
        try:
            answers += client.recv(4096).startswith(b"HTTP/1.1 200")
        except ConnectionError:
            pass
        waiting.unregister(client)
        client.close()
print("all are answered" if answers == count else f"{answers} of {count}")
`;

/** Listens until it is killed. */
const LISTEN = `
import socket, sys, time
server = socket.create_server((sys.argv[1], 80))
print("ready", flush=True)
time.sleep(600)
`;

/** As the kernel knows it. */
function programName(): string {
  return programWords()[0]!.split("/").at(-1)!.slice(0, 15);
}

Deno.test({
  name: "exec --server listens on all addresses where somebody knows what that exposes",
  ...NAMESPACE,
  async fn() {
    await using home = await openCachedHome();
    const said = await inNamespace(
      home,
      `ip address add 10.99.0.1/32 dev lo
       exec_with -s --address 0.0.0.0 --port 4144 --i-know-what-i-expose work -- sh -c '
         code() { curl -s -o /dev/null -w "%{http_code}\\n" "$@"; }
         with="Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN"
         echo $AWS_CONTAINER_CREDENTIALS_FULL_URI
         code -H "$with" $AWS_CONTAINER_CREDENTIALS_FULL_URI
         code -H "$with" http://10.99.0.1:4144/
         code http://10.99.0.1:4144/
         code -H "$with" -H "Host: 10.99.0.1" http://10.99.0.1:4144/
         code -H "$with" -H "Host: attacker.example:4144" http://10.99.0.1:4144/'`,
    );
    assert.deepEqual(said, [
      "http://127.0.0.1:4144/",
      "200",
      "200",
      "401",
      "403",
      "403",
      'warning: Anyone who can reach "*:4144" and has the token gets the credentials; both travel unencrypted',
    ]);
  },
});
