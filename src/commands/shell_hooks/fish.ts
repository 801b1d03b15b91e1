import type { Variables } from "../../exec/shell_state.ts";
import { fish as renderVariable } from "../variable_formats.ts";
import { CHANGE_MARK, RED_SECONDS, RETRY_SECONDS, type ShellHook } from "./hook.ts";

/**
 * fish has no variable for the time. `path mtime` is built in since 3.5: a folder's modification time plus its
 * age is the current time.
 */
export const fish: ShellHook = {
  name: "fish",
  line: "aws-vault shell-hook fish | source",
  renderStart: renderVariables,
  renderChange: ({ set, unset }) =>
    [
      CHANGE_MARK,
      ...unset.map((name) => `set -e ${name}`),
    ].join("\n") + "\n" + renderVariables(set),
  renderScript: ({ minTtlSeconds, showsSegment }) =>
    `# aws-vault in this shell: avs PROFILE, avs --off. The last line of ~/.config/fish/config.fish: aws-vault shell-hook fish | source
function avs
    __avs_take $argv
end
function __avs_take
    set -l fish_trace
    set -l answer
    set -l code
    # The redirections of a function are not those of a command substitution in it.
    if test "$argv[1]" = --again
        set answer (command aws-vault shell-use fish --min-ttl=${minTtlSeconds}s $argv </dev/null 2>/dev/null | string collect)
        set code $pipestatus[1]
    else
        set answer (command aws-vault shell-use fish --min-ttl=${minTtlSeconds}s $argv | string collect)
        set code $pipestatus[1]
    end
    if string match -q '${CHANGE_MARK}*' -- $answer
        eval $answer
    else if test -n "$answer"
        printf '%s\\n' $answer
    end
    return $code
end
function __avs_look
    if test -z "$AVS_UNTIL"
        set -g AVS_SEGMENT "[$AVS_LABEL]"
        return
    end
    if not string match -qr '^\\d{1,15}$' -- $AVS_UNTIL
        set -e AVS_KEY AVS_UNTIL AVS_WORDS
        return
    end
    set -l now (math (path mtime /) + (path mtime -R /))
    set -q __avs_next; or set -g __avs_next 0
    if test (math $AVS_UNTIL - $now) -lt ${minTtlSeconds}; and test $now -ge $__avs_next; and test -n "$AVS_WORDS"
        set -g __avs_next (math $now + ${RETRY_SECONDS})
        __avs_take --again (string split \\n -- $AVS_WORDS)
    end
    set -l left (math $AVS_UNTIL - $now)
    if test $left -lt ${RED_SECONDS}
        set -g AVS_RED 1
    end
    if test $left -gt 0
        set -g AVS_SEGMENT "[$AVS_LABEL "(math -s0 $left / 60)"m]"
    else
        set -g AVS_SEGMENT "[$AVS_LABEL expired]"
    end
end
function __avs_prompt --on-event fish_prompt
    set -g AVS_SEGMENT
    set -g AVS_RED
    test -n "$AVS_KEY"; or return 0
    if test "$AVS_KEY" = "$AWS_ACCESS_KEY_ID"
        __avs_look
    else
        set -e AVS_KEY AVS_UNTIL AVS_WORDS AVS_LABEL AVS_BEFORE
    end
end
if not builtin -q path
    echo 'aws-vault: avs needs fish 3.5 or newer' >&2
    functions -e avs __avs_prompt
    exit 1
end
${showsSegment ? SEGMENT : ""}`,
};

/** Wraps the person's own prompt, which sees the status of the last command, and of its whole pipe. */
const SEGMENT = `function __avs_status
    return $argv[1]
end
if status is-interactive; and not functions fish_prompt | string match -q '*__avs_fish_prompt*'
    functions -e __avs_fish_prompt
    functions -q fish_prompt; and functions -c fish_prompt __avs_fish_prompt
    function fish_prompt
        set -l last $status $pipestatus
        if test -n "$AVS_SEGMENT"
            if test -n "$AVS_RED"; and test -z "$NO_COLOR"
                echo -n -s (set_color red) $AVS_SEGMENT (set_color normal) ' '
            else
                echo -n -s $AVS_SEGMENT ' '
            end
        end
        if functions -q __avs_fish_prompt
            eval (string join ' | ' -- '__avs_status '$last[2..-1])
            __avs_fish_prompt
        end
    end
end
`;

function renderVariables(set: Variables): string {
  return Object.entries(set).map(([name, value]) => renderVariable(name, value) + "\n").join("");
}
