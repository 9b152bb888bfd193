// A preload: it exports nothing.
export {};
