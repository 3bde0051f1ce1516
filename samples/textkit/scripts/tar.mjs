// The tar format (POSIX ustar), as much as a release needs. Dates and owners are zero: the same files give the same bytes.
const block = 512;

/** Packs files, given as [name, content] pairs. */
export function pack(files) {
  const blocks = files.flatMap(([name, content]) => [header(name, content.length), content, Buffer.alloc(-content.length & (block - 1))]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * block)]);
}

/** Unpacks what `pack` packed. */
export function unpack(archive) {
  const files = [];
  for (let at = 0; archive[at] !== 0;) {
    const text = (from, length) => archive.toString("utf8", at + from, at + from + length).replace(/\0[^]*$/, "");
    const size = parseInt(text(124, 12), 8);
    files.push([text(0, 100), archive.subarray(at + block, at + block + size)]);
    at += block + Math.ceil(size / block) * block;
  }
  return files;
}

function header(name, size) {
  const bytes = Buffer.alloc(block);
  const octal = (number, at, digits) => bytes.write(`${number.toString(8).padStart(digits, "0")}\0`, at);
  bytes.write(name, 0, 100);
  octal(0o644, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11);
  bytes.write("        0", 148);
  bytes.write("ustar\x0000", 257);
  octal(bytes.reduce((sum, byte) => sum + byte), 148, 6);
  return bytes;
}
