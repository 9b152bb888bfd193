'use strict';

const { ERR_INVALID_ARG_VALUE } = require('../errors');
const { validateObject } = require('../validators');
const { checkField, fieldKey } = require('./fields');

// `name`, `name=value` or `name="value"`, the shapes of a link's parameter (RFC 8288 section 3) without spaces within.
const PARAMETER = /^[^"\s]+(="[^"\s]*")?$/;

// `<target>`, then parameters after semicolons.
function isLink(text) {
  const end = text.indexOf('>');
  if (text[0] !== '<' || end < 0) return false;
  if (end + 1 === text.length) return true;
  const [gap, ...parameters] = text.slice(end + 1).split(';');
  const last = parameters.pop()?.trimStart();
  return gap.trim() === '' && last !== undefined && PARAMETER.test(last) &&
    parameters.every((parameter) => PARAMETER.test(parameter.trim()));
}

function checkedLink(link) {
  if (typeof link !== 'string' || !isLink(link)) {
    throw new ERR_INVALID_ARG_VALUE('hints', link,
      'must be an array or string of format "</styles.css>; rel=preload; as=style"');
  }
  return link;
}

// The fields of a 103 response, or undefined where there is no link to hint at.
function hintsToFields(hints) {
  validateObject(hints, 'hints');
  const link = Array.isArray(hints.link) ? hints.link.map(checkedLink).join(', ') : checkedLink(hints.link);
  if (link === '') return undefined;
  const fields = { __proto__: null };
  for (const name of Object.keys(hints)) {
    if (name === 'link') continue;
    const key = fieldKey(name);
    checkField(key, hints[name]);
    fields[key] = hints[name];
  }
  // A `link` in another spelling stays beside it.
  fields.Link = link;
  return fields;
}

module.exports = { hintsToFields };
