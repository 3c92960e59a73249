// Only what needs types: floating and misused promises. Everything else is Biome's.
import tseslint from 'typescript-eslint';

export default tseslint.config({
  files: ['src/**/*.ts', 'scripts/**/*.ts', 'proof/**/*.ts', 'bench/**/*.ts', 'tests/**/*.ts', 'web/**/*.ts', 'web/**/*.tsx'],
  ignores: ['dist/**'],
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
  },
  plugins: { '@typescript-eslint': tseslint.plugin },
  rules: {
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: true, attributes: false } }],
  },
});
