import type { ParameterRules } from "./parameters.ts";
import type { Caller } from "./sessions.ts";
import type { World } from "./world.ts";
import type { XmlElements } from "./xml.ts";

/** One verified call. */
export interface ActionCall {
  readonly world: World;
  readonly caller: Caller;
  readonly params: ReadonlyMap<string, string>;
  readonly nowMs: number;
  /** Set by the action when the call showed an MFA code that was accepted. */
  mfaShown: boolean;
}

/** An action of a service. */
export interface Action {
  readonly rules: ParameterRules;
  /** How long its credentials live when the call does not say. */
  readonly defaultSeconds?: number;
  /** The call proves itself by what it carries, and is not signed. */
  readonly isUnsigned?: boolean;
  /** The content of the result element, or `undefined` where the action has none; throws `Refusal`. */
  run(call: ActionCall): XmlElements | undefined;
}

/** The seconds that the call asks for, or the action's default. */
export function secondsOf(params: ReadonlyMap<string, string>, defaultSeconds: number): number {
  return Number(params.get("DurationSeconds") ?? defaultSeconds);
}
