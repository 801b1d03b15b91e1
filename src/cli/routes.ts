import { buildCommand, buildRouteMap, type Command, type RouteMap } from "@stricli/core";
import type { CommandContext } from "../commands/context.ts";
import { COMMAND_ALIASES, type CommandDefinition, HIDDEN_COMMANDS } from "./commands_table.ts";
import { PROGRAM_BRIEF } from "./descriptions.ts";

/** All commands in stricli's form: for help, completion, and lines that are not plain. */
export function buildRoutes(
  commands: Readonly<Record<string, CommandDefinition>>,
): RouteMap<CommandContext> {
  const routes = Object.entries(commands).map((
    [name, definition],
  ): [string, Command<CommandContext>] => [
    name,
    buildCommand(definition),
  ]);
  return buildRouteMap({
    routes: Object.fromEntries(routes),
    aliases: COMMAND_ALIASES,
    docs: {
      brief: PROGRAM_BRIEF,
      hideRoute: Object.fromEntries(HIDDEN_COMMANDS.map((name) => [name, true])),
    },
  });
}
