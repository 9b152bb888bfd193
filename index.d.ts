/// <reference types="node" />

// The API is that of node:http2, so its types are those of @types/node: what this package makes is accepted wherever
// node:http2's is, and the other way round.
export * from 'node:http2';

/** What is running: this package has it, node:http2 has not. */
export declare const implementation: {
  readonly name: 'http2-rs';
  /** The release of this package. */
  readonly version: string;
  /** The release of h2, the Rust crate, that is compiled in. */
  readonly h2: string;
  /** The release of rustls that is compiled in. */
  readonly rustls: string;
};

// What this package has beyond node:http2, which passes over such options.
declare module 'node:http2' {
  interface Http2Session {
    /**
     * What carries the session, once it is connected: the engine on a socket of its own or with TLS on top of it, or any
     * stream of Node's.
     */
    readonly transport?: 'socket' | 'tls' | 'pipe' | undefined;
  }

  interface SessionOptions {
    /** The rates at which a peer may send what costs it nothing are multiplied by this; Infinity is without limit. Default: 1. */
    floodTolerance?: number | undefined;
    /** PING acknowledgements that answer no PING are passed over and no connection error. Default: false, as in node:http2. */
    ignoreUnsolicitedPingAcks?: boolean | undefined;
    /** Servers: milliseconds until a client must have sent its preface and SETTINGS; 0 for no limit. Default: 120000. */
    prefaceTimeout?: number | undefined;
    /**
     * With TLS: forces rustls or node:tls. To force rustls with options that it cannot honour exactly throws
     * `ERR_HTTP2_TLS_FORCED`. Default: rustls where it can, else node:tls.
     */
    tls?: 'rustls' | 'node' | undefined;
  }
}
