import { renderPosixChange } from "./bash.ts";
import { CHANGE_MARK, RED_SECONDS, RETRY_SECONDS, type ShellHook } from "./hook.ts";

/**
 * The segment is in `psvar`, which a prompt shows without `PROMPT_SUBST`: with that option, the person's own
 * prompt would evaluate what it shows, such as a branch name. The time is a prompt escape, too.
 */
export const zsh: ShellHook = {
  name: "zsh",
  line: 'eval "$(aws-vault shell-hook zsh)"',
  renderStart: (set) => renderPosixChange({ set, unset: [] }),
  renderChange: renderPosixChange,
  renderScript: ({ minTtlSeconds, showsSegment }) =>
    `# aws-vault in this shell: avs PROFILE, avs --off. The last line of ~/.zshrc: eval "$(aws-vault shell-hook zsh)"
avs() {
    __avs_take "$@"
}
__avs_take() {
    emulate -L zsh
    setopt no_xtrace
    local __avs_answer __avs_code=0
    __avs_answer=$(command aws-vault shell-use zsh --min-ttl=${minTtlSeconds}s "$@") || __avs_code=$?
    case $__avs_answer in
        ('${CHANGE_MARK}'*) eval "$__avs_answer" ;;
        (?*) print -r -- "$__avs_answer" ;;
    esac
    return $__avs_code
}
__avs_look() {
    local time=\${(%):-%D{%s}} left
    if [[ -z \${AVS_UNTIL-} ]]; then AVS_SEGMENT="[\${AVS_LABEL-}]"; return; fi
    if [[ $AVS_UNTIL == *[^0-9]* || \${#AVS_UNTIL} -gt 15 ]]; then unset AVS_KEY AVS_UNTIL AVS_WORDS; return; fi
    if ((AVS_UNTIL - time < ${minTtlSeconds} && time >= \${__avs_next:-0})) && [[ -n \${AVS_WORDS-} ]]; then
        typeset -g __avs_next=$((time + ${RETRY_SECONDS}))
        __avs_take --again "\${(@f)AVS_WORDS}" </dev/null 2>/dev/null || :
    fi
    left=$((AVS_UNTIL - time))
    if ((left < ${RED_SECONDS})); then AVS_RED=1; fi
    if ((left > 0)); then AVS_SEGMENT="[\${AVS_LABEL-} $((left / 60))m]"
    else AVS_SEGMENT="[\${AVS_LABEL-} expired]"; fi
}
__avs_prompt() {
    local __avs_percent=
    if [[ -o prompt_percent ]]; then __avs_percent=1; fi
    emulate -L zsh
    typeset -g AVS_SEGMENT= AVS_RED=
    if [[ -n \${AVS_KEY-} ]]; then
        if [[ $AVS_KEY == \${AWS_ACCESS_KEY_ID-} ]]; then __avs_look
        else unset AVS_KEY AVS_UNTIL AVS_WORDS AVS_LABEL AVS_BEFORE; fi
    fi${showsSegment ? SEGMENT : ""}
}
if [[ -o interactive ]]; then
    autoload -Uz add-zsh-hook
    add-zsh-hook precmd __avs_prompt
fi
`,
};

const SEGMENT = `
    psvar[7]= psvar[8]=
    if [[ -n $AVS_RED && -z \${NO_COLOR-} ]]; then psvar[8]=$AVS_SEGMENT; else psvar[7]=$AVS_SEGMENT; fi
    if [[ -n $__avs_percent && $PROMPT != *%7v* && $PROMPT != *AVS_* ]]; then
        local segment='%(7V.%7v .)%(8V.%F{red}%8v%f .)' break=
        if [[ $PROMPT == $'\\n'* ]]; then break=$'\\n'; fi
        PROMPT=$break$segment\${PROMPT#$break}
    fi`;
