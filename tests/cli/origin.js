// The origin of the proxy's tests: the same as _Handler of proxies.py, and an echo over WebSocket at /socket. It says its
// port on standard output, and ends with its standard input.
'use strict';
const crypto = require('crypto');
const http = require('http');

function someBytes(length) {
  const block = Buffer.alloc(65536);
  for (let i = 0; i < block.length; ++i) block[i] = (i * i * 7 + Math.floor(i / 251)) % 256;
  return Buffer.alloc(length, block);
}

function sendJson(response, value) {
  const text = JSON.stringify(value);
  response.writeHead(200, {'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text)});
  response.end(text);
}

const server = http.createServer((request, response) => {
  const [, what, rest] = request.url.split('/');
  if (request.method === 'POST' && what === 'echo') {
    response.writeHead(200, {'Content-Type': 'application/octet-stream'});
    request.pipe(response);
  } else if (request.method === 'POST') {
    const hash = crypto.createHash('sha256');
    let length = 0;
    request.on('data', (part) => {
      hash.update(part);
      length += part.length;
    });
    request.on('end', () => sendJson(response, {length, digest: hash.digest('hex')}));
  } else if (what === 'bytes') {
    const data = someBytes(Number(rest));
    response.writeHead(200, {'Content-Length': data.length});
    response.end(data);
  } else if (what === 'chunked') {
    const data = someBytes(Number(rest));
    for (let at = 0; at < data.length; at += 10000) response.write(data.subarray(at, at + 10000));
    response.end();
  } else if (what === 'headers') {
    sendJson(response, {method: request.method, version: request.httpVersion, headers: request.headers});
  } else {
    response.writeHead(200, {'Content-Type': 'text/plain', 'Content-Length': 6});
    response.end('hello\n');
  }
});

// 100 (Continue) only where the body is wanted: /refuse says no before it comes.
server.on('checkContinue', (request, response) => {
  if (request.url === '/refuse') {
    response.writeHead(413, {'Content-Length': 0, 'Connection': 'close'});
    response.end();
  } else {
    response.writeContinue();
    server.emit('request', request, response);
  }
});

// RFC 6455: as much of it as an echo takes, whose frames carry less than 126 bytes.
server.on('upgrade', (request, socket, head) => {
  const key = request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    'Sec-WebSocket-Accept: ' + crypto.createHash('sha1').update(key).digest('base64') + '\r\n\r\n');
  let unread = head;
  const read = () => {
    while (unread.length >= 6 && unread.length >= 6 + (unread[1] & 0x7f)) {
      const length = unread[1] & 0x7f;
      const mask = unread.subarray(2, 6);
      const data = Buffer.from(unread.subarray(6, 6 + length)).map((byte, i) => byte ^ mask[i % 4]);
      socket.write(Buffer.concat([Buffer.from([unread[0], length]), data]));
      if ((unread[0] & 0x0f) === 8) socket.end();
      unread = unread.subarray(6 + length);
    }
  };
  socket.on('data', (part) => {
    unread = Buffer.concat([unread, part]);
    read();
  });
  socket.on('error', () => {});
  read();
});

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
