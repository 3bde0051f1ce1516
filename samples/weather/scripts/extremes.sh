# The warmest and the coldest reading of each station; of several the first.
set -eu
mkdir -p report
{
  echo "what,station,date,celsius"
  LC_ALL=C sort build/named.tsv | awk -F '\t' '
    !($3 in high) || $4 > high[$3] { high[$3] = $4; highday[$3] = $1 }
    !($3 in low) || $4 < low[$3] { low[$3] = $4; lowday[$3] = $1 }
    END { for (s in high) { print "warmest," s "," highday[s] "," high[s]; print "coldest," s "," lowday[s] "," low[s] } }' | LC_ALL=C sort
} > report/extremes.csv
sh scripts/figure.sh extremes "$(($(wc -l < report/extremes.csv) - 1))"
