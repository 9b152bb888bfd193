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
