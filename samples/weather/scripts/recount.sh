# As many readings and rejected lines as the raw files have lines, and no figure is missing.
set -eu
raw=0
for file in data/2025-*.csv; do raw=$((raw + $(tail -n +2 "$file" | wc -l))); done
reported=$(awk -F '\t' '$1 == "readings" || $1 == "rejected" { n += $2 } END { print n }' report/figures.tsv)
figures=$(cut -f 1 report/figures.tsv | LC_ALL=C sort -u | wc -l)
if [ "$raw" -ne "$reported" ] || [ "$figures" -ne 4 ]; then
  echo "The raw files have $raw lines, the report accounts for $reported, and $figures of 4 figures are there." >&2
  exit 1
fi
echo "$raw lines in the raw files, $reported in the report: it agrees" > report/recount.txt
