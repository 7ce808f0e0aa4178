# completion.zsh FILE: what zsh offers for each line of standard input, one line each, with the completion in FILE.
# A shell on a terminal of its own gets the line and a tab; a compadd in front of the real one writes down what it is given.
zmodload zsh/zpty
zpty shell zsh -f -i
print_line() { zpty -w shell "$1" }
print_line "PROMPT=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -D -u; autoload -Uz _gnn; fpath=(${1:A:h} \$fpath); compdef _gnn gnn"
print_line 'compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  typeset -a offered; builtin compadd -A offered "$@"; print -rn -- " $offered"; builtin compadd "$@" }
finish() { print -r -- ">end"; zle kill-whole-line }
ask() { print -rn -- "begin>"; zle complete-word; zle finish }
zle -N ask; zle -N finish; bindkey "^I" ask; setopt no_list_beep no_always_last_prompt; LISTMAX=-1; zstyle ":completion:*" list-prompt ""; print rea""dy'
zpty -r shell line '*ready*'
while IFS= read -r question; do
  zpty -wn shell "$question"$'\t'
  zpty -r shell answer '*>end*'
  answer=${${answer##*begin>}%%>end*}
  print -r -- "${question}:${${answer//$'\r'/}//$'\n'/ }"
done
zpty -d shell
