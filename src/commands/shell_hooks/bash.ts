import { quoteForShell } from "../../text.ts";
import type { ShellChange } from "../../exec/shell_state.ts";
import { CHANGE_MARK, RED_SECONDS, RETRY_SECONDS, type ShellHook } from "./hook.ts";

/** A change as bash and zsh evaluate it. */
export function renderPosixChange({ set, unset }: ShellChange): string {
  const lines = [
    CHANGE_MARK,
    ...unset.map((name) => `unset ${name}`),
    ...Object.entries(set).map(([name, value]) => `export ${name}=${quoteForShell(value)}`),
  ];
  return lines.join("\n") + "\n";
}

/**
 * Also works in bash 3.2 of macOS. The time is a variable or built in; otherwise it is counted from one
 * `date`. `AVS_UNTIL` comes from the environment: in an expression, a value that is not a number is code.
 */
export const bash: ShellHook = {
  name: "bash",
  line: 'eval "$(aws-vault shell-hook bash)"',
  renderStart: (set) => renderPosixChange({ set, unset: [] }),
  renderChange: renderPosixChange,
  renderScript: ({ minTtlSeconds, showsSegment }) =>
    `# aws-vault in this shell: avs PROFILE, avs --off. The last line of ~/.bashrc: eval "$(aws-vault shell-hook bash)"
avs() {
    __avs_take "$@"
}
__avs_take() {
    local __avs_answer __avs_code=0 __avs_traced=
    case $- in *x*) __avs_traced=1; set +x ;; esac
    __avs_answer=$(command aws-vault shell-use bash --min-ttl=${minTtlSeconds}s "$@") || __avs_code=$?
    case $__avs_answer in
        '${CHANGE_MARK}'*) eval "$__avs_answer" ;;
        ?*) printf '%s\\n' "$__avs_answer" ;;
    esac
    if [ -n "$__avs_traced" ]; then set -x; fi
    return "$__avs_code"
}
__avs_again() {
    local IFS=$'\\n' __avs_globs=1
    case $- in *f*) __avs_globs= ;; esac
    set -f
    set -- $AVS_WORDS
    if [ -n "$__avs_globs" ]; then set +f; fi
    __avs_take --again "$@" </dev/null 2>/dev/null || :
}
__avs_now() {
    if [ -n "\${EPOCHSECONDS-}" ]; then __avs_time=$EPOCHSECONDS
    elif printf -v __avs_time '%(%s)T' -1 2>/dev/null; then :
    else
        if [ -z "\${__avs_start-}" ]; then __avs_start=$(($(date +%s) - SECONDS)); fi
        __avs_time=$((__avs_start + SECONDS))
    fi
}
__avs_look() {
    local __avs_left
    case \${AVS_UNTIL-} in
        '') AVS_SEGMENT="[\${AVS_LABEL-}]"; return ;;
        *[!0-9]* | ????????????????*) unset AVS_KEY AVS_UNTIL AVS_WORDS; return ;;
    esac
    __avs_now
    if ((AVS_UNTIL - __avs_time < ${minTtlSeconds} && __avs_time >= \${__avs_next:-0})) && [ -n "\${AVS_WORDS-}" ]; then
        __avs_next=$((__avs_time + ${RETRY_SECONDS}))
        __avs_again
    fi
    __avs_left=$((AVS_UNTIL - __avs_time))
    if ((__avs_left < ${RED_SECONDS})); then AVS_RED=1; fi
    if ((__avs_left > 0)); then AVS_SEGMENT="[\${AVS_LABEL-} $((__avs_left / 60))m]"
    else AVS_SEGMENT="[\${AVS_LABEL-} expired]"; fi
}
__avs_prompt() {
    local __avs_last=$?
    AVS_SEGMENT= AVS_RED= AVS_PROMPT=
    if [ -n "\${AVS_KEY-}" ]; then
        if [ "$AVS_KEY" = "\${AWS_ACCESS_KEY_ID-}" ]; then __avs_look
        else unset AVS_KEY AVS_UNTIL AVS_WORDS AVS_LABEL AVS_BEFORE; fi
    fi
    if [ -n "$AVS_SEGMENT" ]; then
        AVS_PROMPT="$AVS_SEGMENT "
        if [ -n "$AVS_RED" ] && [ -z "\${NO_COLOR-}" ] && [ "\${TERM:-dumb}" != dumb ]; then
            AVS_PROMPT=$'\\001\\033[31m\\002'$AVS_SEGMENT$'\\001\\033[0m\\002 '
        fi
    fi${showsSegment ? SEGMENT : ""}
    return "$__avs_last"
}
case $- in *i*)
    case \${PROMPT_COMMAND[*]-} in
        *__avs_prompt*) ;;
        *)
            if [ -n "\${PROMPT_COMMAND[1]+x}" ]; then PROMPT_COMMAND+=(__avs_prompt)
            else PROMPT_COMMAND=\${PROMPT_COMMAND:+$PROMPT_COMMAND$'\\n'}__avs_prompt; fi ;;
    esac ;;
esac
`,
};

/** Adds our segment once, whatever else changes the prompt; never if bash would show it unexpanded. */
const SEGMENT = `
    case \${PS1-} in
        *AVS_*) ;;
        *) if ! shopt -q promptvars; then return "$__avs_last"; fi ;;
    esac
    case \${PS1-} in
        *AVS_*) ;;
        '\\n'*) PS1='\\n\${AVS_PROMPT-}'\${PS1#'\\n'} ;;
        *) PS1='\${AVS_PROMPT-}'\${PS1-} ;;
    esac`;
