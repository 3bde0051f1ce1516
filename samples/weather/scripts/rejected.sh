# Why lines were not used, and how many.
set -eu
mkdir -p report
{
  echo "reason,lines"
  cat build/rejected/*.tsv | cut -f 1 | LC_ALL=C sort | uniq -c | awk '{ n = $1; $1 = ""; sub(/^ /, ""); print $0 "," n }'
} > report/rejected.csv
sh scripts/figure.sh rejected "$(cat build/rejected/*.tsv | wc -l | tr -d ' ')"
