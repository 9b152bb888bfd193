'use strict';

// Cases that have nothing to compare, by area: parts of their names, each with the reason.

module.exports = {
  'settings': [
    // node takes the number of a known setting for its place in a table, and sends another setting.
    /^customSettings ([1-6])$/,
    // node gives no Buffer, rather than an error or what was asked for, where nghttp2 would not send it.
    /^customSettings 16$/, /maxFrameSize: NaN/,
  ],
  'server-session': [
    // node's process ends.
    /settings\(\{ maxFrameSize: NaN \}\)/, /altsvc\(_, undefined\)/,
    // node throws half-way and leaves a session that neither lives nor closes.
    /destroy\(_, (1n|symbol)\)/,
    // node waits for an acknowledgement of what it has not sent.
    /customSettings: buffer/, /known ids among the custom/,
    // node shows custom settings that another session has sent.
    /enableConnectProtocol: (true|false)/,
    // An empty value is no error of the connection here.
    /^closing: altsvc\(''\)/,
    // How nghttp2 words it.
    /settings\(\{ enablePush: true \}\)/,
    // The GOAWAYs of both sides cross.
    /^closing: destroy\(null\)/,
  ],
  'client-stream': [
    // Where an error of libuv's own is thrown.
    /destroyed = 5/,
    // node's own listener makes it true.
    /emit\('headers'\)/,
    // DATA may have come by then, or may not.
    /^answered.*: state$/, /^closed: state$/,
    // node keeps the last setTimeout().
    /: keys$/,
    // A request that never was: node aborts it, here it ends.
    /^pending: close/,
    // Whether the last GOAWAY is heard before the end depends on when the other side ends.
    /^session closed/,
    /^refused: inspected/,
    // A reset with CANCEL and the end of the body race.
    /^(open|ended): (close\((_|8)|close\(\) twice|write and close)/,
  ],
  'server-stream': [
    /destroyed = 5/, /: keys$/,
    // How V8 names the expression.
    /respond\(\[1\]\)/,
    // What would have been sent, where it is refused.
    /respond: \[ (':status'|'x') \]/,
    /respond: \{ ('content-type'|connection|':path'|':status'|'a b'|age|'transfer-encoding'|upgrade|'keep-alive')/,
    // node forgets the answer that it was given in the same tick.
    /^(responded|ended): close\(/, /^responded: destroy\(/,
  ],
  'compat': [
    // node forgets the head that it was given in the same tick.
    /^head written: .*destroy\(/,
  ],
};
