import mocha from "eslint-plugin-mocha";
import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";

/** Folders whose code runs in a pod or on an operator's laptop: they never pull in the Pulumi SDK. */
const PULUMI_FREE = ["workers/**/*.ts", "client/**/*.ts", "cli/**/*.ts"];

export default tseslint.config(
  { ignores: ["node_modules/", "**/dist/", "**/node_modules/", ".build/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-console": "error",
      eqeqeq: "error",
    },
  },
  {
    files: PULUMI_FREE,
    ignores: ["cli/stack/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["@pulumi/*"],
              message: "Workers, client and cli run without Pulumi; only cli/stack drives it.",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
    extends: [mocha.configs.recommended],
    rules: {
      "mocha/no-mocha-arrows": "off",
      "mocha/no-setup-in-describe": "off",
      "mocha/consistent-spacing-between-blocks": "off",
      "mocha/max-top-level-suites": "off",
      "@typescript-eslint/no-unused-expressions": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["**/*.js"],
    extends: [tseslint.configs.disableTypeChecked],
  },
  prettier,
);
