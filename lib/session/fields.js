'use strict';

// What a session keeps, beside the fields that lib/symbols.js names.
//
//     connecting --attach()--> open --close()--> closed --> destroyed
//         |                                       ^            ^
//         +------- close(), destroy() ------------+------------+
//
// `connecting` is: no engine session yet, and not destroyed. A closed session lets its streams end; a destroyed one has
// none. 'close' follows once the socket is closed.

const MARK = {
  // close() was called.
  CLOSED: 1 << 0,
  DESTROYED: 1 << 1,
  // The engine has been attached to the socket.
  CONNECTED: 1 << 2,
  GOAWAY_RECEIVED: 1 << 3,
  // A check is due whether the closed session has anything left to do.
  CHECKING: 1 << 4,
  // The engine has nothing left to do for the closed session.
  DONE: 1 << 5,
  // A client whose last stream has just ended leaves its server the time for a last word, which in node arrives with the
  // end of the stream.
  LINGERS: 1 << 6,
  // It was destroyed in the middle of what has arrived, and a stream's body made it send what it had.
  GAVE_AWAY: 1 << 7,
  // Its streams outlive it until what they have received is read.
  LEAVES_READERS: 1 << 8,
};

module.exports = {
  MARK,
  // On a socket: the session that has it. Sockets can be streams of another session, which have a session of their own.
  kBoundSession: Symbol('boundSession'),
  kDestroyCode: Symbol('destroyCode'),
  kForget: Symbol('forget'),
  kGoawayCode: Symbol('goawayCode'),
  kGoawayLastStreamID: Symbol('goawayLastStreamID'),
  // The limit that the peer has run into, and the timer for one that says nothing.
  kLimit: Symbol('limit'),
  kMarks: Symbol('marks'),
  kOriginSet: Symbol('originSet'),
  kPendingPings: Symbol('pendingPings'),
  kPendingSettings: Symbol('pendingSettings'),
  kPendingStreams: Symbol('pendingStreams'),
  kPrefaceTimer: Symbol('prefaceTimer'),
  // For those who still read what streams of a session that is done have received.
  kReadersTimer: Symbol('readersTimer'),
  kRequestDefaults: Symbol('requestDefaults'),
  // How many SETTINGS wait for the connection.
  kWaitingSettings: Symbol('waitingSettings'),
};
