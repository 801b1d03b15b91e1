/**
 * The completion scripts. They only ask the program (`completion.ts`), so that a script installed with an
 * older version stays correct; the first of the few lines of an answer names its kind.
 */

import type { Shell } from "./completion_shells.ts";

/** The script of a shell, as printed by `aws-vault completion`. */
export function renderScript(shell: Shell): string {
  return SCRIPTS[shell];
}

/** Also works in bash 3.2 of macOS: no `mapfile`, and no `compopt`. */
const BASH = `# Completion of aws-vault for bash. In ~/.bashrc: eval "$(aws-vault completion bash)"
_aws_vault() {
    local kind="" line i
    COMPREPLY=()
    while IFS= read -r line; do
        if [ -z "$kind" ]; then kind=$line; else COMPREPLY+=("$line"); fi
    done < <("$1" --complete bash "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
    case $kind in
        files) _aws_vault_paths -f ;;
        folders) _aws_vault_paths -d ;;
        programs) _aws_vault_paths -c ;;
        child*)
            # COMP_WORDS is cut at colons and equals signs, so its -- is looked for.
            i=$((COMP_CWORD - \${kind#child }))
            for ((line = 1; line < COMP_CWORD; line++)); do
                if [ "\${COMP_WORDS[line]}" = -- ]; then i=$((line + 1)); break; fi
            done
            if declare -F _comp_command_offset >/dev/null; then _comp_command_offset "$i"
            elif declare -F _command_offset >/dev/null; then _command_offset "$i"
            elif ((i == COMP_CWORD)); then _aws_vault_paths -c
            else _aws_vault_paths -f; fi ;;
    esac
}
_aws_vault_paths() {
    local line
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$1" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -F _aws_vault aws-vault
`;

/** Works as a file `_aws-vault` in fpath, and with `eval`. */
const ZSH = `#compdef aws-vault
# Completion of aws-vault for zsh. In ~/.zshrc: eval "$(aws-vault completion zsh)"
_aws-vault() {
    local -a answer choices
    local program=\${(Q)words[1]} line value tab=$'\\t'
    program=\${program/#\\~\\//$HOME/}
    answer=("\${(@f)$("$program" --complete zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
    case $answer[1] in
        values)
            for line in "\${(@)answer[2,-1]}"; do
                value=\${\${\${line%%$tab*}//\\\\/\\\\\\\\}//:/\\\\:}
                if [[ $line == *$tab* ]]; then value+=:\${line#*$tab}; fi
                choices+=("$value")
            done
            _describe -V aws-vault choices ;;
        files) _files ;;
        folders) _files -/ ;;
        programs) _command_names -e ;;
        child*)
            # The word's index counts from the one after the program, and from zero.
            shift $((\${answer[1]#child } + 1)) words
            ((CURRENT -= \${answer[1]#child } + 1))
            _normal ;;
    esac
}
if [[ $funcstack[1] == _aws-vault ]]; then
    _aws-vault "$@"
else
    (($+functions[compdef])) || { autoload -Uz compinit && compinit; }
    compdef _aws-vault aws-vault
fi
`;

const FISH = String
  .raw`# Completion of aws-vault for fish. In ~/.config/fish/config.fish: aws-vault completion fish | source
function __aws_vault_complete
    set -l words (commandline -opc)
    set -l token (commandline -ct)
    set -l current (string unescape -- "$token"; or string replace -r '^["\']' '' -- "$token")
    set -l answer ($words[1] --complete fish $words[2..-1] "$current" 2>/dev/null)
    switch "$answer[1]"
        case values
            if set -q answer[2]
                printf '%s\n' $answer[2..-1]
            end
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current"
        case programs
            complete -C "$token"
        case 'child *'
            set -l from (math (string replace 'child ' '' -- $answer[1]) + 2)
            set -l child
            if test $from -le (count $words)
                set child (string escape -- $words[$from..-1])
            end
            complete -C (string join ' ' -- $child "$token")
    end
end
complete -e -c aws-vault
complete -c aws-vault -f -k -a '(__aws_vault_complete)'
`;

const PWSH = String
  .raw`# Completion of aws-vault for PowerShell. In $PROFILE: aws-vault completion pwsh | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName aws-vault, aws-vault.exe -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $before = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition })
    $words = @($before | Select-Object -Skip 1 | ForEach-Object {
        if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value }
        else { $_.Extent.Text }
    })
    $current = $wordToComplete -replace '^["'']|["'']$', ''
    $answer = @(& $commandAst.GetCommandName() --complete pwsh @words "=$current" 2>$null)
    switch -Regex ($answer[0]) {
        '^values$' {
            foreach ($line in ($answer | Select-Object -Skip 1)) {
                $value, $brief = $line -split [char]9, 2
                if (-not $brief) { $brief = $value }
                $text = $value
                if ($value -notmatch '^[-\w./:=@%+]+$') { $text = "'" + $value.Replace("'", "''") + "'" }
                [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $brief)
            }
        }
        '^child ' {
            $index = [int]($answer[0] -replace '^child ', '') + 1
            $text = ''
            if ($index -lt $commandAst.CommandElements.Count) {
                $start = $commandAst.CommandElements[$index].Extent.StartOffset - $commandAst.Extent.StartOffset
                $text = $commandAst.Extent.Text.Substring($start)
            }
            $end = [Math]::Max($text.Length, 0)
            [System.Management.Automation.CommandCompletion]::CompleteInput($text, $end, $null).CompletionMatches
        }
        '^(files|folders)$' {
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($current)
        }
        '^programs$' {
            [System.Management.Automation.CompletionCompleters]::CompleteCommand($current)
        }
    }
}
`;

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH, pwsh: PWSH };
