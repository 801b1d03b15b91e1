import type { Env, Platform } from "../host.ts";
import { expandPath } from "../state_folder.ts";
import { ancestors } from "./ancestors.ts";
import { callingPrograms } from "./callers.ts";
import { executablePath } from "./executable.ts";

/** This machine and this process; nothing is queried before it is used. */
export function systemPlatform(env: Env): Platform {
  return {
    os: operatingSystem(Deno.build.os),
    get pid() {
      return Deno.pid;
    },
    get home() {
      return homeFolder(env, operatingSystem(Deno.build.os));
    },
    get executable() {
      return executablePath() ?? "aws-vault";
    },
    get parentProgram() {
      return parentProgram();
    },
    callers: callingPrograms,
    get user() {
      return String(Deno.uid() ?? env.get("USERNAME") ?? "");
    },
    ancestors,
  };
}

function parentProgram(): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  try {
    return Deno.readTextFileSync(`/proc/${Deno.ppid}/comm`).trimEnd();
  } catch {
    return undefined;
  }
}

/** Other Unix systems that Deno supports are treated as Linux: what they lack is found missing. */
function operatingSystem(name: string): Platform["os"] {
  return name === "windows" || name === "darwin" ? name : "linux";
}

/**
 * The user's home folder, found as aws-vault 7 and the AWS SDKs find it; an empty variable counts as
 * unset.
 */
export function homeFolder(env: Env, os: Platform["os"]): string | undefined {
  const home = env.get("HOME") || undefined;
  if (os !== "windows") return home;
  const drive = env.get("HOMEDRIVE"), path = env.get("HOMEPATH");
  const found = home ?? (env.get("USERPROFILE") || (drive && path ? drive + path : undefined));
  return found && expandPath(found, { os, home: undefined });
}
