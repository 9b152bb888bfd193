'use strict';

// Warnings that a process gets once.

function once(message) {
  let warned = false;
  return () => {
    if (warned) return;
    warned = true;
    process.emitWarning(message, 'UnsupportedWarning');
  };
}

module.exports = {
  warnOfConnectionHeader: once('The provided connection header is not valid, the value will be dropped from the header ' +
                               'and will never be in use.'),
  warnOfStatusMessage: once('Status message is not supported by HTTP/2 (RFC7540 8.1.2.4)'),
};
