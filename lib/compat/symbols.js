'use strict';

// What requests and responses keep to themselves, and what their streams call. Descriptions are node's where node has
// such a symbol.

module.exports = {
  kAborted: Symbol('aborted'),
  kAppendHeader: Symbol('appendHeader'),
  // The stream is about to be over.
  kBeforeClose: Symbol('beforeClose'),
  kBeginSend: Symbol('begin-send'),
  kClosed: Symbol('closed'),
  kEndCallback: Symbol('endCallback'),
  kEnded: Symbol('ended'),
  kHeaders: Symbol('headers'),
  kRawHeaders: Symbol('rawHeaders'),
  kRawTrailers: Symbol('rawTrailers'),
  kReading: Symbol('reading'),
  kSendDate: Symbol('sendDate'),
  kSetHeader: Symbol('setHeader'),
  kStatusCode: Symbol('statusCode'),
  kTrailers: Symbol('trailers'),
  // The stream is over: called once, by the link.
  kOnClose: Symbol('onClose'),
};
