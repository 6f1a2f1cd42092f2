// Node.js as a peer of the matrix: lines of JSON in, lines of JSON out (peers/scripted.py).
'use strict';
const fs = require('fs');
const https = require('https');
const readline = require('readline');
const { SSL_OP_NO_TICKET } = require('crypto').constants;

const CURVES = { x25519: 'X25519', secp256r1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
const NAMES = { X25519: 'x25519', prime256v1: 'secp256r1', secp384r1: 'secp384r1', secp521r1: 'secp521r1' };

const NO_EXTENDED_MASTER_SECRET = 1; // SSL_OP_NO_EXTENDED_MASTER_SECRET, for which Node has no name

const kept = new Map(); // a client's sessions, by the orders' name for them

const tell = (value) => process.stdout.write(JSON.stringify(value) + '\n');

// What OpenSSL calls a suite of TLS 1.2.
function suiteName(suite) {
  if (!suite.includes('_WITH_')) return suite;
  return suite.slice(4).replace('_WITH_', '_').replace('AES_', 'AES').replace('POLY1305_SHA256', 'POLY1305')
    .replaceAll('_', '-');
}

function options(order) {
  const [minVersion, maxVersion] = order.versions.map((version) => `TLSv${version}`);
  // honorCipherOrder is for groups as well: off, so that the client's order counts.
  const out = { minVersion, maxVersion, ca: fs.readFileSync(order.trust), honorCipherOrder: false };
  out.secureOptions = (order.extended_master_secret === false ? NO_EXTENDED_MASTER_SECRET : 0)
    | (order.tickets ? 0 : SSL_OP_NO_TICKET);
  if (order.chain) {
    out.cert = fs.readFileSync(order.chain);
    out.key = fs.readFileSync(order.key);
  }
  if (order.suites && order.suites.length) out.ciphers = order.suites.map(suiteName).join(':');
  if (order.groups.length) out.ecdhCurve = order.groups.map((group) => CURVES[group]).join(':');
  if (order.signatures.length) out.sigalgs = order.signatures.join(':');
  if (order.alpn.length) out.ALPNProtocols = order.alpn;
  return out;
}

function seen(socket) {
  return {
    suite: socket.getCipher().standardName, version: socket.getProtocol(), alpn: socket.alpnProtocol || null,
    resumed: socket.isSessionReused(),
  };
}

function connect(order) {
  let told;
  const request = https.get({
    ...options(order), host: '127.0.0.1', port: order.port, servername: order.name, agent: false,
    headers: { Accept: 'application/json', Connection: 'close' }, session: kept.get(order.session),
  }, (response) => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (part) => { body += part; });
    response.on('end', () => tell({ ...told, body }));
  });
  request.on('socket', (socket) => {
    socket.on('secureConnect', () => {
      told = { ...seen(socket), group: NAMES[socket.getEphemeralKeyInfo().name] };
    });
    if (order.session) socket.on('session', (session) => kept.set(order.session, session));
  });
  request.on('error', (error) => tell({ error: error.message }));
}

function listen(order) {
  const settings = { ...options(order), requestCert: order.require, rejectUnauthorized: order.require };
  if (order.lifetime) settings.sessionTimeout = order.lifetime;
  const server = https.createServer(settings, (request, response) => {
    const told = seen(request.socket);
    const shared = request.socket.getSharedSigalgs();
    if (order.signatures.length) told.signature = canonical(shared, order.signatures);
    if (order.require) told.client = request.socket.getPeerCertificate().subject.CN;
    response.setHeader('Connection', 'close');
    response.end(JSON.stringify(told));
  });
  // Without tickets it is for the program to keep sessions.
  const sessions = new Map();
  server.on('newSession', (id, session, done) => {
    sessions.set(id.toString('hex'), session);
    done();
  });
  server.on('resumeSession', (id, done) => done(null, sessions.get(id.toString('hex')) || null));
  server.on('error', (error) => tell({ error: error.message }));
  server.listen(0, '127.0.0.1', () => tell({ port: server.address().port }));
}

// Node names what both sides have by kind and hash ("ECDSA+SHA256"); with one scheme set, that is the one used.
function canonical(shared, set) {
  const hash = set[0].slice(-6).toUpperCase();
  const names = {
    ed25519: 'Ed25519+UNDEF',
    ecdsa: `ECDSA+${hash}`,
    rsa_pss: `RSA-PSS+${hash}`,
    rsa_pkcs1: `RSA+${hash}`,
  };
  const kind = Object.keys(names).find((prefix) => set[0].startsWith(prefix));
  return shared.join(' ') === names[kind] ? set[0] : shared.join(' ');
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const order = JSON.parse(line);
  try {
    ({ connect, listen })[order.do](order);
  } catch (error) {
    tell({ error: error.message });
  }
}).on('close', () => process.exit(0));
