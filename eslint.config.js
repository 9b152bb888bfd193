'use strict';

const neostandard = require('neostandard');

module.exports = [
  ...neostandard({ semi: true, ts: true, ignores: ['target/', '.cache/', 'benchmark/results/'] }),
  {
    rules: {
      '@stylistic/space-before-function-paren': ['error', { anonymous: 'never', named: 'never', asyncArrow: 'always' }],
      '@stylistic/max-len': ['error', { code: 140, ignoreUrls: true }],
      'valid-typeof': ['error', { requireStringLiterals: false }],
      curly: 'off',
    },
  },
];
