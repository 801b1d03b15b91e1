import type { Companions, Programs, ProgramsApart } from "../host.ts";
import { findProgram } from "./program_path.ts";

/** Other programs, by execve or as children; the code for each is loaded when one is started. */
export function systemPrograms(): Programs {
  return {
    find: (name) => findProgram(name),
    run: async (request) => (await import("./child_programs.ts")).run(request),
    replace: async (...program) => (await import("./child_programs.ts")).replace(...program),
    attend: async (...program) => (await import("./attend.ts")).attend(...program),
  };
}

/** Programs that outlive this one; the code for it is loaded when one is started. */
export function systemProgramsApart(): ProgramsApart {
  return {
    start: async (request) => (await import("./start_apart.ts")).startApart(request),
  };
}

/** This program once more, with other rights; the code is loaded when one is started. */
export function systemCompanions(): Companions {
  return {
    start: async (...words) => (await import("./companions.ts")).startCompanion(...words),
    relayMetadata: async (...to) => (await import("./metadata_relay.ts")).relayMetadata(...to),
  };
}
