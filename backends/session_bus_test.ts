import assert from "node:assert/strict";
import { sessionBusAddress } from "./session_bus.ts";

Deno.test("sessionBusAddress() takes the variable, else the socket of the service manager", () => {
  const address = (all: Record<string, string>) =>
    sessionBusAddress({ get: (name) => all[name], all: () => all });
  assert.equal(address({}), undefined);
  assert.equal(address({ DBUS_SESSION_BUS_ADDRESS: "", XDG_RUNTIME_DIR: "" }), undefined);
  assert.equal(
    address({ DBUS_SESSION_BUS_ADDRESS: "unix:path=/a", XDG_RUNTIME_DIR: "/run/user/1000" }),
    "unix:path=/a",
  );
  assert.equal(address({ XDG_RUNTIME_DIR: "/run/user/1000" }), "unix:path=/run/user/1000/bus");
  assert.equal(address({ XDG_RUNTIME_DIR: "/tmp/a,b;ü" }), "unix:path=/tmp/a%2cb%3b%c3%bc/bus");
});
