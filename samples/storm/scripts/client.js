'use strict';
// Asks the service once. The three of the first round ask at the same moment.
const fs = require('node:fs');
const http = require('node:http');

const name = process.argv[2];
const patience = Date.now() + 60000;

const whenAllAreHere = then => {
  fs.mkdirSync('clients', { recursive: true });
  fs.writeFileSync(`clients/${name}`, '');
  const all = ['one', 'two', 'three'].every(other => fs.existsSync(`clients/${other}`));
  if (all && fs.existsSync('service.port')) return then();
  if (Date.now() > patience) { console.error('the others never came'); process.exit(1); }
  setTimeout(() => whenAllAreHere(then), 20);
};

whenAllAreHere(() => {
  const port = Number(fs.readFileSync('service.port', 'utf8'));
  http.get({ host: '127.0.0.1', port, path: `/${name}` }, response => {
    let body = '';
    response.setEncoding('utf8').on('data', text => { body += text; }).on('end', () => {
      console.log(`HTTP/1.1 ${response.statusCode} ${response.statusMessage}`);
      for (const [key, value] of Object.entries(response.headers)) console.log(`${key}: ${value}`);
      console.log(body);
      if (response.statusCode !== 200) process.exit(1);
      fs.mkdirSync('answers', { recursive: true });

      // It works with the answer for a while, and the service would not like another request meanwhile.
      setTimeout(() => fs.writeFileSync(`answers/${name}.txt`, body), 1100);
    });
  });
});
