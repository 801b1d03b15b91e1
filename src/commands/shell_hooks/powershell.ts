import { powershell as renderVariable } from "../variable_formats.ts";
import { RED_SECONDS, RETRY_SECONDS, type ShellHook } from "./hook.ts";

const MARK = "avs-change";

/**
 * The change is data and not a script: script block logging records what `Invoke-Expression` evaluates
 * (about_Logging), and ConvertFrom-Json turns a text into a date. Base64 is the same in every code page.
 */
export const powershell: ShellHook = {
  name: "powershell",
  line: "aws-vault shell-hook powershell | Out-String | Invoke-Expression",
  renderStart: (set) =>
    Object.entries(set).map(([name, value]) => renderVariable(name, value) + "\n").join(""),
  renderChange: ({ set, unset }) =>
    [
      MARK,
      ...unset.map((name) => `- ${name}`),
      ...Object.entries(set).map(([name, value]) => `+ ${name} ${encode(value)}`),
    ].join("\n") + "\n",
  renderScript: ({ minTtlSeconds, showsSegment }) =>
    String
      .raw`# aws-vault in this shell: avs PROFILE, avs --off. The last line of $PROFILE: aws-vault shell-hook powershell | Out-String | Invoke-Expression
function global:avs { __avs_take $args }
function global:__avs_take([object[]] $words) {
    $program = (Get-Command aws-vault -CommandType Application -TotalCount 1 -ErrorAction Stop).Source
    $answer = @(& $program shell-use powershell --min-ttl=${minTtlSeconds}s @words)
    if ($answer.Count -eq 0 -or $answer[0] -cne '${MARK}') { return $answer }
    foreach ($line in $answer) {
        $kind, $name, $value = $line -split ' ', 3
        if ($kind -ceq '-') { Remove-Item -LiteralPath "Env:$name" -ErrorAction Ignore }
        elseif ($kind -ceq '+') {
            Set-Item -LiteralPath "Env:$name" -Value ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($value)))
        }
    }
}
function global:__avs_segment {
    if (-not $Env:AVS_KEY) { return '' }
    if ($Env:AVS_KEY -cne $Env:AWS_ACCESS_KEY_ID) {
        'KEY', 'UNTIL', 'WORDS', 'LABEL', 'BEFORE' | ForEach-Object { Remove-Item "Env:AVS_$_" -ErrorAction Ignore }
        return ''
    }
    if (-not $Env:AVS_UNTIL) { return "[$Env:AVS_LABEL] " }
    $now = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
    $until = 0L
    if (-not [long]::TryParse($Env:AVS_UNTIL, [ref] $until)) { return '' }
    if ($until - $now -lt ${minTtlSeconds} -and $now -ge $global:__avs_next -and $Env:AVS_WORDS) {
        $global:__avs_next = $now + ${RETRY_SECONDS}
        try { $null = __avs_take (@('--again') + $Env:AVS_WORDS.Split([char]10)) 2>$null } catch { }
        [void] [long]::TryParse($Env:AVS_UNTIL, [ref] $until)
    }
    $left = $until - $now
    $text = if ($left -gt 0) { "[$Env:AVS_LABEL $([Math]::Floor($left / 60))m]" } else { "[$Env:AVS_LABEL expired]" }
    if ($left -lt ${RED_SECONDS} -and -not $Env:NO_COLOR) { $text = "$([char]27)[31m$text$([char]27)[0m" }
    "$text "
}
if ($null -eq $global:__avs_next) { $global:__avs_next = 0L }
` + (showsSegment ? SEGMENT : ""),
};

const SEGMENT = String.raw`if ("$function:prompt" -notmatch '__avs_segment') {
    $global:__avs_inner = $function:prompt
    function global:prompt {
        $code = $global:LASTEXITCODE
        $segment = __avs_segment
        $global:LASTEXITCODE = $code
        "$segment$(& $global:__avs_inner)"
    }
}
`;

function encode(value: string): string {
  return new TextEncoder().encode(value).toBase64();
}
