'use strict';

// Header lists in and out. Layout: field-name (what is known of a name), outgoing (objects and arrays into blocks),
// recent (blocks met before), request and response (what is filled in), incoming (received lists into objects), date.

const { fieldName, IN_REQUEST, IN_RESPONSE, IN_TRAILERS } = require('./headers/field-name');

module.exports = {
  fieldName,
  IN_REQUEST,
  IN_RESPONSE,
  IN_TRAILERS,
  ...require('./headers/date'),
  ...require('./headers/incoming'),
  packHeaders: require('./headers/outgoing').packHeaders,
  ...require('./headers/request'),
  ...require('./headers/response'),
};
