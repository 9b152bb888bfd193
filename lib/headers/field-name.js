'use strict';

// What is known about a header field's name: its lower-case form, how it stands in a block, and the rules that bind it.

const constants = require('../constants');
const { ERR_INVALID_HTTP_TOKEN } = require('../errors');
const { isHttpToken } = require('../validators');

// Which rule a name is under.
const ORDINARY = 0;
// At most one value in a list (unless `strictSingleValueFields` is off).
const SINGLE = 1;
const PSEUDO = 2;
// RFC 9113 section 8.2.2: of no meaning in HTTP/2.
const CONNECTION_SPECIFIC = 3;
// Connection-specific but for the value "trailers".
const TE = 4;
// The empty name: such fields are left out.
const EMPTY = 5;

const SINGLE_VALUE_FIELDS = new Set(`
  access-control-allow-credentials access-control-max-age access-control-request-method
  age authorization content-encoding content-language content-length content-location content-md5 content-range
  content-type date dnt etag expires from host if-match if-modified-since if-none-match if-range if-unmodified-since
  last-modified location max-forwards proxy-authorization range referer retry-after tk upgrade-insecure-requests
  user-agent x-content-type-options
`.trim().split(/\s+/));

const CONNECTION_FIELDS = new Set([
  'connection', 'http2-settings', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade',
]);

// Which pseudo-headers may stand in which kind of list (RFC 9113 section 8.3); trailers may have none.
const IN_REQUEST = 1;
const IN_RESPONSE = 2;
const IN_TRAILERS = 0;

const PSEUDO_HEADERS = {
  '__proto__': null,
  ':authority': IN_REQUEST,
  ':method': IN_REQUEST,
  ':path': IN_REQUEST,
  ':protocol': IN_REQUEST,
  ':scheme': IN_REQUEST,
  // Node lets it pass in requests, where the peer refuses it.
  ':status': IN_REQUEST | IN_RESPONSE,
};

// Fields whose values are kept nowhere once they are sent.
const SECRETS = new Set(['authorization', 'cookie', 'proxy-authorization', 'set-cookie']);

class FieldName {
  constructor(name) {
    this.name = name;
    this.rule = ruleOf(name);
    // In which kinds of list a pseudo-header may stand.
    this.allowedIn = PSEUDO_HEADERS[name] ?? 0;
    this.isSecret = SECRETS.has(name);
    // How the name opens a field of a block; a never-indexed field is marked.
    this.opening = `${name}\0`;
    this.sensitiveOpening = `\x01${name}\0`;
    // The number of the list in which the name was last seen: how repetitions are noticed without a Set per list.
    this.seenIn = 0;
  }
}

function ruleOf(name) {
  if (name === '') return EMPTY;
  if (name.charCodeAt(0) === 58 /* : */) return PSEUDO;
  if (name === 'te') return TE;
  if (SINGLE_VALUE_FIELDS.has(name)) return SINGLE;
  return CONNECTION_FIELDS.has(name) ? CONNECTION_SPECIFIC : ORDINARY;
}

// Every spelling met so far. A program uses few names, but a proxy passes on those of its peers: when the table is full
// it starts again from the registered names.
const MAX_SPELLINGS = 1024;
const MAX_CACHED_LENGTH = 128;
const registered = Object.entries(constants)
  .filter(([key]) => key.startsWith('HTTP2_HEADER_'))
  .map(([, name]) => [name, new FieldName(name)]);
let spellings = new Map(registered);

function learn(key) {
  const name = key.toLowerCase();
  const known = spellings.get(name);
  const field = known ?? new FieldName(name);
  // A pseudo-header outside the RFC is refused by its own rule, in its own words.
  if (field.rule !== PSEUDO && field.rule !== EMPTY && !isHttpToken(name))
    throw new ERR_INVALID_HTTP_TOKEN('Header name', name);
  if (key.length <= MAX_CACHED_LENGTH) {
    if (spellings.size >= MAX_SPELLINGS) spellings = new Map(registered);
    if (!known) spellings.set(name, field);
    spellings.set(key, field);
  }
  return field;
}

// The FieldName of a name in any spelling; throws where it is no token.
function fieldName(key) {
  return spellings.get(key) ?? learn(key);
}

// What is known of a name in this spelling, if anything is.
function knownField(key) {
  return spellings.get(key);
}

module.exports = {
  fieldName,
  knownField,
  IN_REQUEST,
  IN_RESPONSE,
  IN_TRAILERS,
  ORDINARY,
  SINGLE,
  PSEUDO,
  CONNECTION_SPECIFIC,
  TE,
  EMPTY,
  SINGLE_VALUE_FIELDS,
};
