'use strict';

// Preloaded into every test, also with --plain: what the common code of the suite takes from Node and a Node older than the
// suite does not have. Nothing here touches what is tested.

const util = require('node:util');

// The suite names the caller of common.mustCall with it.
util.getCallSites ??= function getCallSites(count = 8) {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.stackTraceLimit = count + 1;
  Error.prepareStackTrace = (_, sites) => sites;
  const holder = {};
  Error.captureStackTrace(holder, getCallSites);
  const sites = holder.stack;
  Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  return sites.map((site) => ({
    functionName: site.getFunctionName() ?? '',
    scriptName: site.getFileName() ?? '',
    lineNumber: site.getLineNumber(),
    column: site.getColumnNumber(),
    columnNumber: site.getColumnNumber(),
  }));
};
