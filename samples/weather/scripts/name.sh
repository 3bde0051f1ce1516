# Names in the place of ids.
set -eu
awk -F '\t' -v OFS='\t' 'NR == FNR { name[$1] = $2; next } { $3 = name[$3]; print }' build/stations.tsv build/all.tsv > build/named.part
mv build/named.part build/named.tsv
