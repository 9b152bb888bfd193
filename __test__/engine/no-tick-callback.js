'use strict';

// Stands in for a node that has no such function any more.
delete process._tickCallback;
