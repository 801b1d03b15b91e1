import { RED_SECONDS, RETRY_SECONDS, type ShellHook } from "./hook.ts";

/** Nushell evaluates no text at run time: the change is JSON, and the script a file that it sources. */
export const nushell: ShellHook = {
  name: "nushell",
  line: "source ~/.config/nushell/avs.nu",
  renderChange: ({ set, unset }) => JSON.stringify({ avs: 1, set, unset }) + "\n",
  renderScript: ({ minTtlSeconds, showsSegment }) =>
    `# aws-vault in this shell: avs PROFILE, avs --off. Once: aws-vault shell-hook nushell | save -f ~/.config/nushell/avs.nu
# The last line of ~/.config/nushell/config.nu: source ~/.config/nushell/avs.nu
def --env --wrapped avs [...words: string] {
    __avs_take (^aws-vault shell-use nushell --min-ttl=${minTtlSeconds}s ...$words | collect)
}
def --env __avs_take [answer: string] {
    if not ($answer starts-with '{"avs":1,') {
        print $answer
        return
    }
    let change = $answer | from json
    for name in $change.unset { hide-env --ignore-errors $name }
    load-env $change.set
}
def __avs_left []: nothing -> any {
    let until = try { $env.AVS_UNTIL | into int } catch { null }
    if $until == null { null } else { $until - (date now | format date '%s' | into int) }
}
def --env __avs_look [] {
    if ($env.AVS_KEY? | default '') == '' { return }
    if $env.AVS_KEY != ($env.AWS_ACCESS_KEY_ID? | default '') {
        hide-env --ignore-errors AVS_KEY AVS_UNTIL AVS_WORDS AVS_LABEL AVS_BEFORE
        return
    }
    let now = date now | format date '%s' | into int
    let left = __avs_left
    if $left == null or $left >= ${minTtlSeconds} or $now < ($env.__avs_next? | default 0) or ($env.AVS_WORDS? | default '') == '' { return }
    $env.__avs_next = $now + ${RETRY_SECONDS}
    let answer = ^aws-vault shell-use nushell --min-ttl=${minTtlSeconds}s --again ...($env.AVS_WORDS | lines) | complete
    if $answer.exit_code == 0 { __avs_take $answer.stdout }
}
def __avs_segment [] {
    if ($env.AVS_KEY? | default '') == '' { return '' }
    let left = __avs_left
    if $left == null { return $"[($env.AVS_LABEL? | default '')] " }
    let rest = if $left > 0 { $"($left // 60)m" } else { 'expired' }
    let text = $"[($env.AVS_LABEL? | default '') ($rest)]"
    if $left < ${RED_SECONDS} and ($env.NO_COLOR? | default '') == '' { $"(ansi red)($text)(ansi reset) " } else { $"($text) " }
}
$env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt? | default []) ++ [{|| __avs_look }]
${showsSegment ? SEGMENT : ""}`,
};

const SEGMENT =
  `$env.__avs_inner = if ($env.__avs_inner? == null) { $env.PROMPT_COMMAND? | default '' } else { $env.__avs_inner }
$env.PROMPT_COMMAND = {||
    let inner = $env.__avs_inner
    $"(__avs_segment)(if ($inner | describe) == 'closure' { do $inner } else { $inner })"
}
`;
