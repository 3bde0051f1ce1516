/**
 * Reads comma-separated values (RFC 4180): quoted fields may hold commas, line breaks and doubled quotes.
 *
 * @param {string} text The records, ended by LF or CRLF.
 * @returns {string[][]} The fields of each record.
 * @example
 * parseCsv('id,title\n1,"Say ""hi"""') // => [["id", "title"], ["1", "Say \"hi\""]]
 */
export function parseCsv(text) {
  const records = [];
  let record = [];
  const field = /(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r?\n|$)/y;
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const match = field.exec(text);
    if (!match) throw new SyntaxError(`Character ${at + 1} is neither the start of a field nor its end.`);
    record.push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
    if (match[3] === "," && field.lastIndex < text.length) continue;
    if (match[3] === ",") record.push("");
    records.push(record);
    record = [];
  }
  return records;
}

/**
 * Writes comma-separated values that `parseCsv` reads back. Fields are quoted where they have to be.
 *
 * @param {string[][]} records The fields of each record, at least one a record.
 * @returns {string} The records, each ended by LF.
 * @example
 * formatCsv([["a", "b,c"]]) // => "a,\"b,c\"\n"
 */
export function formatCsv(records) {
  const quote = (field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
  return records.map((record) => `${record.map(quote).join(",")}\n`).join("");
}
