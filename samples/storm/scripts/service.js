'use strict';
// Serves one request a second and no more; ends when somebody has written the file "finished".
const fs = require('node:fs');
const http = require('node:http');

const pause = 1000;
let free = 0;
let refused = 0;
const server = http.createServer((request, response) => {
  const now = Date.now();
  if (now >= free) {
    free = now + pause;
    response.end('welcome\n');
    return;
  }

  // As services do: some say 429, GitHub says 403 with the limit in its headers.
  refused++;
  if (refused % 2 === 1) response.writeHead(429, { 'Retry-After': '2' });
  else response.writeHead(403, { 'Retry-After': '2', 'X-RateLimit-Limit': '60', 'X-RateLimit-Remaining': '0' });
  response.end('{"message":"API rate limit exceeded for 127.0.0.1."}\n');
});
server.listen(0, '127.0.0.1', () => {
  fs.writeFileSync('service.port.new', String(server.address().port));
  fs.renameSync('service.port.new', 'service.port');
});
setInterval(() => { if (fs.existsSync('finished')) process.exit(0); }, 100);
