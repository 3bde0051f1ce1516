# Every month must have the same columns, or the steps after this one would read the wrong ones.
set -eu
mkdir -p build
problems=0
files=0
for file in data/2025-*.csv; do
  files=$((files + 1))
  header=$(head -n 1 "$file" | tr -d '\r')
  if [ "$header" != "date,hour,station,temperature,unit,rain_mm" ]; then
    echo "$file: $header" >&2
    problems=$((problems + 1))
  fi
done
echo "$files files, $problems problems" > build/headers.txt
test "$problems" -eq 0
