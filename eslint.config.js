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
      'no-return-assign': 'off',
      // How a long expression is broken and indented is left to whoever writes it.
      '@stylistic/comma-dangle': 'off',
      '@stylistic/indent': 'off',
      '@stylistic/multiline-ternary': 'off',
      '@stylistic/object-curly-newline': 'off',
      '@stylistic/object-property-newline': 'off',
      '@stylistic/operator-linebreak': 'off',
      '@stylistic/quote-props': 'off',
    },
  },
];
