# Each line of the raw file is either among the clean ones or among the rejected ones.
set -eu
raw=$(tail -n +2 "data/$1.csv" | wc -l)
clean=$(wc -l < "build/clean/$1.tsv")
rejected=$(wc -l < "build/rejected/$1.tsv")
echo "$1: $raw lines, $clean clean, $rejected rejected"
test "$raw" -eq "$((clean + rejected))"
