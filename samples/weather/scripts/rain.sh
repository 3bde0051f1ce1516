# How much rain fell at each station, and on how many days.
set -eu
mkdir -p report
{
  echo "station,rain_mm,days_with_rain"
  awk -F '\t' '{ rain[$3] += $5; if ($5 > 0 && !(($3, $1) in wet)) { wet[$3, $1] = 1; days[$3]++ } } END { for (s in rain) printf "%s,%.1f,%d\n", s, rain[s], days[s] }' build/named.tsv | LC_ALL=C sort
} > report/rain.csv
sh scripts/figure.sh rain_mm "$(awk -F ',' 'NR > 1 { mm += $2 } END { printf "%.1f", mm }' report/rain.csv)"
