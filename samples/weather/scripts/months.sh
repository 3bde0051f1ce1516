# The mean temperature of each station in each month.
set -eu
mkdir -p report
awk -F '\t' '{ key = $3 "," substr($1, 1, 7); sum[key] += $4; count[key]++ } END { for (key in sum) printf "%s,%.2f,%d\n", key, sum[key] / count[key], count[key] }' build/named.tsv |
  LC_ALL=C sort > report/months.part
{ echo "station,month,mean_celsius,readings"; cat report/months.part; } > report/months.csv
rm report/months.part
sh scripts/figure.sh readings "$(awk -F ',' 'NR > 1 { n += $4 } END { print n }' report/months.csv)"
